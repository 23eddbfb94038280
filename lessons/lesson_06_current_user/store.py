"""The accounts, kept in users.json in DATA_DIR (given)."""

import json
import os
import tempfile
from pathlib import Path
from threading import Lock
from uuid import uuid4

from pydantic import BaseModel

from .settings import DATA_DIR

USERS = DATA_DIR / "users.json"
_one_writer = Lock()


class Account(BaseModel):
    """All that is stored of one user; never send it out as it is."""

    id: str
    username: str
    email: str
    full_name: str
    password_hash: str
    disabled: bool = False


class NameTaken(Exception):
    """Somebody has this user name already, perhaps with other capitals."""


def find_by_name(username: str) -> Account | None:
    """Return the account with this user name, capitals or not."""
    wanted = username.lower()
    return next((a for a in _read().values() if a.username.lower() == wanted), None)


def find_by_id(user_id: str) -> Account | None:
    """Return the account with exactly this id."""
    return next((a for a in _read().values() if a.id == user_id), None)


def add_account(username: str, email: str, full_name: str, password_hash: str) -> Account:
    """Store a new account under an id that is never used again, or raise NameTaken."""
    account = Account(
        id=uuid4().hex,
        username=username,
        email=email,
        full_name=full_name,
        password_hash=password_hash,
    )
    # Look and write in one go: two registrations at one moment must not both win.
    with _one_writer:
        if find_by_name(username):
            raise NameTaken(username)
        _write(_read() | {username: account})
    return account


def _read() -> dict[str, Account]:
    try:
        stored = json.loads(USERS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: Account(**fields) for name, fields in stored.items()}


def _write(accounts: dict[str, Account]) -> None:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    # The new file takes the old one's place in one step, and its owner alone may read it (0600).
    handle, draft = tempfile.mkstemp(dir=DATA_DIR, prefix="users-", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({name: a.model_dump() for name, a in accounts.items()}, file, indent=2)
        os.replace(draft, USERS)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
