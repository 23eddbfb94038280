"""Passwords, hashed by argon2id."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHash

from .store import Account, find_by_name

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return an argon2id hash."""
    return _hasher.hash(password)


def authenticate(username: str, password: str) -> Account | None:
    """Return whose name and password these are."""
    account = find_by_name(username)
    try:
        _hasher.verify(account.password_hash if account else _nobody, password)
    except (Argon2Error, InvalidHash, UnicodeEncodeError):
        return None
    return account if account and not account.disabled else None
