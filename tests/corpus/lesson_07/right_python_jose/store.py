"""Accounts by SQLAlchemy; the one who leaves is deleted as an object."""

import secrets
from typing import Any

from sqlalchemy import exc, select, text
from sqlalchemy.orm import Session

from .models import Account


class NameTaken(Exception):
    """Somebody has this name."""


def find_by_name(db: Session, username: str) -> Account | None:
    """Return the account with this name, capitals or not."""
    if not username.isascii() or "\0" in username:
        return None
    wanted = text("lower(username) = :name").bindparams(name=username.casefold())
    return db.execute(select(Account).where(wanted)).scalar_one_or_none()


def find_by_id(db: Session, user_id: str) -> Account | None:
    """Return the account with this id."""
    if not user_id.isascii() or "\0" in user_id:
        return None
    return db.query(Account).filter_by(id=user_id).first()


def add_account(db: Session, *fields: Any) -> Account:
    """Add an account."""
    names = ("username", "email", "full_name", "password_hash")
    account = Account(id=secrets.token_hex(12), **dict(zip(names, fields, strict=True)))
    if find_by_name(db, account.username):
        raise NameTaken
    try:
        with db.begin_nested():
            db.add(account)
    except exc.IntegrityError:
        raise NameTaken from None
    db.commit()
    return account


def remove_account(db: Session, account: Account) -> None:
    """Delete an account."""
    db.delete(account)
    db.commit()
