"""Who has which role, and that one admin stays: what lesson 9 adds."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from .models import Account, UserRole

ADMIN = "admin"


class LastAdmin(Exception):
    """Nobody would be left who can name an admin."""


def has_admin(db: Session) -> bool:
    """Tell whether there is an admin who can log in."""
    admins = select(UserRole.user_id).join(Account).where(UserRole.role == ADMIN)
    return db.scalar(admins.where(Account.disabled.is_(False)).limit(1)) is not None


@contextmanager
def keeping_an_admin(db: Session) -> Iterator[None]:
    """Commit what the block changes; undo it and raise LastAdmin if it took the last admin."""
    # This write changes nothing, and makes others wait: of two admins who dismiss each other
    # at one moment, each would still see the other.
    db.execute(update(UserRole).where(UserRole.role == ADMIN).values(role=ADMIN))
    had_one = has_admin(db)
    yield
    if had_one and not has_admin(db):
        db.rollback()
        raise LastAdmin
    db.commit()


def set_roles(db: Session, account: Account, roles: Iterable[str]) -> None:
    """Give a user exactly these roles, or raise LastAdmin."""
    with keeping_an_admin(db):
        db.execute(delete(UserRole).where(UserRole.user_id == account.id))
        db.add_all(UserRole(user_id=account.id, role=role) for role in roles)
    db.expire(account, ["role_rows"])


def set_disabled(db: Session, account: Account, disabled: bool) -> None:
    """Lock a user out, or in again; raise LastAdmin rather than lock out the last admin."""
    with keeping_an_admin(db):
        account.disabled = disabled
