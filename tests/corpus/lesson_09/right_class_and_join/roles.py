"""One admin stays: change first, look afterwards, and let one writer in at a time."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from .models import Account, UserRole

ADMIN = "admin"


class LastAdmin(Exception):
    """Somebody has to stay."""


def ruled(db: Session) -> bool:
    """Tell whether there is an admin who can log in."""
    found = (
        select(func.count())
        .select_from(UserRole)
        .join(Account, Account.id == UserRole.user_id)
        .where(UserRole.role == ADMIN, Account.disabled.is_(False))
    )
    return bool(db.scalar(found))


def finish(db: Session, account: Account) -> None:
    """Commit if an admin is left. The first write has locked SQLite's file for others."""
    db.flush()
    if not ruled(db):
        db.rollback()
        raise LastAdmin(account.id)
    db.commit()


def set_roles(db: Session, account: Account, roles: Iterable[str]) -> None:
    """Replace all roles."""
    db.execute(delete(UserRole).where(UserRole.user_id == account.id))
    for role in sorted(roles):
        db.add(UserRole(user_id=account.id, role=role))
    finish(db, account)
    db.refresh(account, ["role_rows"])


def set_disabled(db: Session, account: Account, disabled: bool) -> None:
    """Lock out or in."""
    account.disabled = disabled
    finish(db, account)


class keeping_an_admin:
    """What the given store asks for around a deletion."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self.before = ruled(db)

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Commit, if somebody who rules is left, or nobody has ruled before."""
        if kind is None:
            if self.before and not ruled(self.db):
                self.db.rollback()
                raise LastAdmin
            self.db.commit()
