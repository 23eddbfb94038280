"""Passwords that a thief cannot read: what lesson 2 adds."""

import secrets

from passlib.context import CryptContext

from .settings import PASSWORD_ROUNDS
from .store import Account, find_by_name

hashing = CryptContext(schemes=["bcrypt"], bcrypt__rounds=PASSWORD_ROUNDS)


def hash_password(password: str) -> str:
    """Return a slow, salted hash of a password."""
    # TODO 1: hash the password with `hashing`
    return password


def verify_password(password: str, password_hash: str) -> bool:
    """Tell whether this password belongs to the hash."""
    # TODO 1: let `hashing` compare, and let odd text count as wrong
    return password == password_hash


# TODO 3: make a hash that belongs to nobody, once, at start-up
NOBODYS_HASH = ""


def authenticate(username: str, password: str) -> Account | None:
    """Return the account that this name and password open, or None."""
    # TODO 3: let an unknown name take as long as a wrong password
    account = find_by_name(username)
    if account and verify_password(password, account.password_hash):
        return account
    return None
