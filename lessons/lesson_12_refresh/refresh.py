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
    # TODO 1: draw a token that says nothing, and store its hash
    from .tokens import create_access_token

    more = {"scope": scope, "ver": account.session_version, "sid": family}
    return create_access_token(account.id, **more, exp=expires_at)


def use(db: Session, token: str) -> RefreshToken:
    """Use a refresh token up and return what was stored of it. The caller commits.

    Raises OAuthError for one that is unknown, over or used; a used one ends its family.
    """
    # TODO 2: look and mark in one step, so that one of many wins
    from .tokens import InvalidToken, verify_token

    try:
        claims = verify_token(token)
    except InvalidToken as problem:
        raise OAuthError("invalid_grant") from problem
    row = RefreshToken(user_id=claims["sub"], family=claims["sid"])
    row.scope, row.expires_at = claims["scope"], claims["exp"]
    row.session_version = claims["ver"]
    return row


def end_family_of(db: Session, token: str) -> None:
    """End the family of a refresh token that is good no more, if it ever was."""
    # TODO 3: a token used twice is in two hands, so end its family
    # (the thief's copy would be refused, and nobody would notice the thief)


def end_family(db: Session, family: str) -> None:
    """End a login: its refresh tokens, and the access tokens that came with them."""
    # TODO 3: drop the family, and deny whatever still carries its name
    db.commit()


def end_all(db: Session, account: Account) -> None:
    """Make every token that this user has so far worthless. The caller commits."""
    # The database counts: two workers at one moment must not write the same number.
    account.session_version = Account.session_version + 1
    db.execute(delete(RefreshToken).where(RefreshToken.user_id == account.id))


def forget_ended_families(db: Session) -> None:
    """Drop the refresh tokens that are over."""
    db.execute(delete(RefreshToken).where(RefreshToken.expires_at <= time.time()))
    db.commit()
