"""Refresh tokens, each good for one use: what lesson 12 adds."""

import secrets
import time
from hashlib import sha256

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from .denylist import deny, is_denied
from .models import Account, RefreshToken
from .oauth import OAuthError
from .settings import REFRESH_TOKEN_SECONDS


def digest(token: str) -> str:
    """Return the hash under which a refresh token is stored."""
    # A fast hash will do: nobody can guess 256 random bits, as they guess passwords.
    return sha256(token.encode(errors="replace")).hexdigest()


def issue(db: Session, account: Account, scope: str, family: str, expires_at: int) -> str:
    """Return a new refresh token of this family; only its hash is kept. The caller commits."""
    # >>> your turn 1: draw a token that says nothing, and store its hash
    # before: from .tokens import create_access_token
    # before:
    # before: more = {"scope": scope, "ver": account.session_version, "sid": family}
    # before: return create_access_token(account.id, **more, exp=expires_at)
    token = secrets.token_urlsafe(32)
    # Mallory may steal the database: with a hash alone she cannot come as Alice.
    row = RefreshToken(
        token_hash=digest(token),
        user_id=account.id,
        family=family,
        scope=scope,
        expires_at=expires_at,
        session_version=account.session_version,
    )
    db.add(row)
    return token
    # <<<


def use(db: Session, token: str) -> RefreshToken:
    """Use a refresh token up and return what was stored of it. The caller commits.

    Raises OAuthError for one that is unknown, over or used; a used one ends its family.
    """
    # >>> your turn 2: look and mark in one step, so that one of many wins
    # before: from .tokens import InvalidToken, verify_token
    # before:
    # before: try:
    # before:     claims = verify_token(token)
    # before: except InvalidToken as problem:
    # before:     raise OAuthError("invalid_grant") from problem
    # before: row = RefreshToken(user_id=claims["sub"], family=claims["sid"])
    # before: row.scope, row.expires_at = claims["scope"], claims["exp"]
    # before: row.session_version = claims["ver"]
    # before: return row
    now = int(time.time())
    fresh = (RefreshToken.used_at.is_(None), RefreshToken.expires_at > now)
    mark = update(RefreshToken).where(RefreshToken.token_hash == digest(token), *fresh)
    row = db.scalar(mark.values(used_at=now).returning(RefreshToken))
    if row is None or is_denied(db, {"jti": row.family}):
        end_family_of(db, token)
        raise OAuthError("invalid_grant")
    return row
    # <<<


def end_family_of(db: Session, token: str) -> None:
    """End the family of a refresh token that is good no more, if it ever was."""
    # >>> your turn 3: a token used twice is in two hands, so end its family
    # before: # (the thief's copy would be refused, and nobody would notice the thief)
    row = db.get(RefreshToken, digest(token))
    if row:
        # Thief or owner, nobody can tell: both have to log in again (RFC 9700 §4.14.2).
        end_family(db, row.family)
    # <<<


def end_family(db: Session, family: str) -> None:
    """End a login: its refresh tokens, and the access tokens that came with them."""
    # >>> your turn 3: drop the family, and deny whatever still carries its name
    # before: db.commit()
    # Its one fresh token: two requests that drop many rows can lock each other out.
    fresh = delete(RefreshToken).where(RefreshToken.used_at.is_(None))
    db.execute(fresh.where(RefreshToken.family == family))
    db.commit()
    deny(db, {"jti": family, "exp": int(time.time()) + REFRESH_TOKEN_SECONDS})
    # <<<


def end_all(db: Session, account: Account) -> None:
    """Make every token that this user has so far worthless. The caller commits."""
    # The database counts: two workers at one moment must not write the same number.
    account.session_version = Account.session_version + 1
    db.execute(delete(RefreshToken).where(RefreshToken.user_id == account.id))


def forget_ended_families(db: Session) -> None:
    """Drop the refresh tokens that are over."""
    db.execute(delete(RefreshToken).where(RefreshToken.expires_at <= time.time()))
    db.commit()
