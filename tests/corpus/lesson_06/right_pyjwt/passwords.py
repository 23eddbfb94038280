"""Passwords, hashed by argon2."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from .store import Account, find_by_name

hasher = PasswordHasher(time_cost=1, memory_cost=19456, parallelism=1)
DUMMY = hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return an argon2id hash."""
    return hasher.hash(password)


def authenticate(username: str, password: str) -> Account | None:
    """Return the account, or None."""
    found = find_by_name(username)
    try:
        hasher.verify(found.password_hash if found else DUMMY, password)
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return None
    return found if found and not found.disabled else None
