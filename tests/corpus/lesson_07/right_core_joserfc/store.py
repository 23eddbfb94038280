"""Accounts as rows of a table."""

import uuid
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from .database import users

Account = Row[Any]


class NameTaken(Exception):
    """Somebody has this name."""


def find(db: Connection, where: Any) -> Account | None:
    """Return the first row, or nothing where the text is none."""
    try:
        return db.execute(select(users).where(where)).first()
    except (DBAPIError, UnicodeEncodeError):
        db.rollback()
        return None


def find_by_name(db: Connection, username: str) -> Account | None:
    """Return the account of this name."""
    return find(db, func.lower(users.c.username) == func.lower(username))


def find_by_id(db: Connection, user_id: str) -> Account | None:
    """Return the account of this id."""
    return find(db, users.c.id == user_id)


def add_account(db: Connection, **fields: str) -> Account:
    """Insert an account and return its row."""
    try:
        row = db.execute(insert(users).values(id=str(uuid.uuid4()), **fields).returning(users))
        account = row.one()
        db.commit()
    except IntegrityError:
        raise NameTaken from None
    return account
