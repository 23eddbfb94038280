"""One admin stays: each change is one statement that looks and acts at once."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from .models import Account, UserRole

ADMIN = "admin"


class LastAdmin(Exception):
    """This one has to stay."""


def dispensable(user_id: str) -> ColumnElement[bool]:
    """Say that this user does not rule, or that somebody else does, too."""
    role, owner = aliased(UserRole), aliased(Account)
    ruling = exists().where(role.user_id == owner.id, role.role == ADMIN, ~owner.disabled)
    return or_(~ruling.where(owner.id == user_id), ruling.where(owner.id != user_id))


def roles_of(db: Session, user_id: str) -> list[str]:
    """Return the user's roles as they are now."""
    return list(db.scalars(select(UserRole.role).where(UserRole.user_id == user_id)))


def set_roles(db: Session, account: Account, roles: Collection[str]) -> None:
    """Set roles."""
    mine = delete(UserRole).where(UserRole.user_id == account.id)
    if ADMIN not in roles:
        gone = db.execute(mine.where(UserRole.role == ADMIN, dispensable(account.id)))
        if not gone.rowcount and ADMIN in roles_of(db, account.id):
            db.rollback()
            raise LastAdmin
    db.execute(mine.where(UserRole.role != ADMIN))
    for role in set(roles) - set(roles_of(db, account.id)):
        db.add(UserRole(user_id=account.id, role=role))
    db.commit()
    db.expire(account)


def set_disabled(db: Session, account: Account, disabled: bool) -> None:
    """Lock out or in."""
    change = update(Account).where(Account.id == account.id).values(disabled=disabled)
    done = db.execute(change.where(dispensable(account.id)) if disabled else change)
    db.commit()
    if not done.rowcount:
        raise LastAdmin
    db.expire(account)


@contextmanager
def keeping_an_admin(db: Session) -> Iterator[None]:
    """Wrap a deletion; the write in front makes a second one wait."""
    db.execute(update(UserRole).values(role=UserRole.role))
    rulers = select(UserRole.user_id).join(Account).where(UserRole.role == ADMIN)
    rulers = rulers.where(~Account.disabled)
    before = set(db.scalars(rulers))
    yield
    if before and not set(db.scalars(rulers)):
        db.rollback()
        raise LastAdmin
    db.commit()
