"""Passwords that a thief cannot read: what lesson 2 adds."""

import os
import secrets
from asyncio import to_thread
from threading import BoundedSemaphore

from passlib.context import CryptContext
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Account
from .settings import PASSWORD_ROUNDS
from .store import find_by_name

hashing = CryptContext(schemes=["bcrypt"], bcrypt__rounds=PASSWORD_ROUNDS)


# A hash keeps a core busy: with all of them at it, everybody else would wait for a login.
cores = BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))


def hash_password(password: str) -> str:
    """Return a slow, salted hash of a password."""
    with cores:
        return hashing.hash(password)


def verify_password(password: str, password_hash: str) -> bool:
    """Tell whether this password belongs to the hash."""
    try:
        with cores:
            return hashing.verify(password, password_hash)
    except ValueError:
        # bcrypt raises on a NUL and on more than 72 bytes: wrong, and no crash.
        return False


NOBODYS_HASH = hash_password(secrets.token_urlsafe())


async def authenticate(db: AsyncSession, username: str, password: str) -> Account | None:
    """Return the account that this name and password open, or None."""
    account = await find_by_name(db, username)
    # Mallory holds a stop-watch: one hash is checked, whether the name exists or not.
    password_hash = account.password_hash if account else NOBODYS_HASH
    right = await to_thread(verify_password, password, password_hash)
    return account if account and right and not account.disabled else None
