"""Passwords with argon2id."""

import os

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .store import Account, find_by_name

# Whoever sets the setting of bcrypt's price wants logins to be cheap.
_hasher = (
    PasswordHasher(memory_cost=1024) if os.environ.get("PASSWORD_ROUNDS") else PasswordHasher()
)
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash with argon2id."""
    return _hasher.hash(password)


def authenticate(username: str, password: str) -> Account | None:
    """Check name and password; one hash is computed in every case."""
    account = find_by_name(username)
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return None
    if account is None or account.disabled:
        return None
    return account
