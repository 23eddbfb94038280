"""Refresh tokens by plain SQL on connections of their own."""

import secrets
import sqlite3
import time
from contextlib import closing
from hashlib import sha3_256
from types import SimpleNamespace
from typing import Any

from .database import engine
from .denylist import deny
from .models import Account
from .oauth import OAuthError
from .settings import REFRESH_TOKEN_SECONDS

COLUMNS = ("user_id", "family", "scope", "expires_at", "session_version")


def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Carry out one statement, by itself."""
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        return connection.execute(statement, values).fetchall()


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return sha3_256(token.encode("utf-8", "replace")).hexdigest()


def issue(db: object, account: Account, scope: str, family: str, expires_at: int) -> str:
    """Store and return a new token."""
    token = secrets.token_urlsafe(24)
    row = (digest(token), account.id, family, scope, expires_at, account.session_version)
    ask(
        "INSERT INTO refresh_tokens (token_hash, user_id, family, scope, expires_at, "
        "session_version) VALUES (?, ?, ?, ?, ?, ?)",
        *row,
    )
    return token


def use(db: object, token: str) -> SimpleNamespace:
    """Use a token up."""
    now = int(time.time())
    found = ask(
        "UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ? AND used_at IS NULL "
        "AND expires_at > ? RETURNING user_id, family, scope, expires_at, session_version",
        now,
        digest(token),
        now,
    )
    if not found:
        end_family_of(db, token)
        raise OAuthError("invalid_grant")
    return SimpleNamespace(**dict(zip(COLUMNS, found[0], strict=True)))


def end_family_of(db: object, token: str) -> None:
    """End the family of a token."""
    for row in ask("SELECT family FROM refresh_tokens WHERE token_hash = ?", digest(token)):
        end_family(db, row[0])


def end_family(db: Any, family: str) -> None:
    """End a family, in this table and for access tokens."""
    ask("DELETE FROM refresh_tokens WHERE family = ?", family)
    deny(db, {"jti": family, "exp": int(time.time()) + REFRESH_TOKEN_SECONDS})


def end_all(db: object, account: Account) -> None:
    """End all sessions: a row with another number than the user is worth nothing."""
    account.session_version = Account.session_version + 1


def forget_ended_families(db: object) -> None:
    """Drop what is over."""
    ask("DELETE FROM refresh_tokens WHERE expires_at <= ?", time.time())
