"""Tokens that were taken back before their end: what lesson 11 adds."""

import time
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .models import RevokedToken
from .settings import REDIS_URL

# Put together once, as every request asks it.
DENIED = select(RevokedToken.jti).where(RevokedToken.jti.in_(bindparam("names"))).limit(1)

if REDIS_URL:
    from .redis_list import RedisList

    redis_list: "RedisList | None" = RedisList(REDIS_URL)
else:
    redis_list = None


def forget_ended(db: Session) -> None:
    """Drop the entries whose tokens have ended: they are refused without a list."""
    db.execute(delete(RevokedToken).where(RevokedToken.expires_at <= time.time()))
    db.commit()


def deny(db: Session, claims: dict[str, Any]) -> None:
    """Refuse a token from now on, in every worker, until it would have ended by itself."""
    if redis_list:
        return redis_list.deny(claims)
    db.add(RevokedToken(jti=claims["jti"], expires_at=claims["exp"]))
    try:
        db.commit()
    except IntegrityError:
        db.rollback()  # somebody has done it already
    return None


def is_denied(db: Session, claims: dict[str, Any]) -> bool:
    """Tell whether a token was taken back."""
    if redis_list:
        return redis_list.is_denied(claims)
    # A login that has ended is on the list by the name of its family, for all its tokens.
    names = [claims["jti"], claims.get("sid", "")]
    return db.scalar(DENIED, {"names": names}) is not None
