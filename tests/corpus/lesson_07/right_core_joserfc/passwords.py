"""Passwords by bcrypt itself."""

import bcrypt
from sqlalchemy import Connection

from .settings import PASSWORD_ROUNDS
from .store import Account, find_by_name


def hash_password(password: str) -> str:
    """Return a hash."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(PASSWORD_ROUNDS)).decode()


NOBODY = hash_password("nobody")


def authenticate(db: Connection, username: str, password: str) -> Account | None:
    """Return the account, or None."""
    account = find_by_name(db, username)
    try:
        hashed = account.password_hash if account else NOBODY
        right = bcrypt.checkpw(password.encode(), hashed.encode())
    except ValueError:
        return None
    return account if account and right and not account.disabled else None
