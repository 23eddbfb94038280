"""Tokens that were taken back before their end: what lesson 11 adds."""

import hashlib
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .models import RevokedToken
from .settings import REDIS_URL

if REDIS_URL:
    from .redis_list import RedisList

    redis_list: "RedisList | None" = RedisList(REDIS_URL)
else:
    redis_list = None


def named(claims: dict[str, Any]) -> str:
    """Return what stands on the list for a token: who steals the list learns no names."""
    return hashlib.sha256(claims["jti"].encode()).hexdigest()


def forget_ended(db: Session) -> None:
    """Drop the entries whose tokens have ended: they are refused without a list."""
    db.execute(delete(RevokedToken).where(RevokedToken.expires_at <= time.time()))
    db.commit()


def deny(db: Session, claims: dict[str, Any]) -> None:
    """Refuse a token from now on, in every worker, until it would have ended by itself."""
    if redis_list:
        return redis_list.deny(claims)
    if not is_denied(db, claims):
        db.add(RevokedToken(jti=named(claims), expires_at=claims["exp"] + 5))
    with suppress(IntegrityError):
        db.commit()
    db.rollback()
    return None


def is_denied(db: Session, claims: dict[str, Any]) -> bool:
    """Tell whether a token was taken back."""
    if redis_list:
        return redis_list.is_denied(claims)
    return db.scalar(select(RevokedToken.jti).where(RevokedToken.jti == named(claims))) is not None
