"""Tokens that were taken back before their end: what lesson 11 adds."""

import time
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .models import RevokedToken
from .settings import REDIS_URL

if REDIS_URL:
    from .redis_list import RedisList

    redis_list: "RedisList | None" = RedisList(REDIS_URL)
else:
    redis_list = None


def forget_ended(db: Session) -> None:
    """Drop the entries whose tokens have ended: they are refused without a list."""
    # >>> your turn 2: delete what is over, or the list grows for ever
    # before: return  # nothing is ever forgotten
    db.execute(delete(RevokedToken).where(RevokedToken.expires_at <= time.time()))
    db.commit()
    # <<<


# >>> your turn 2: keep the list where every worker looks, and a restart does not empty it
# before: denied: set[str] = set()
# before:
# before:
# before: def deny(db: Session, claims: dict[str, Any]) -> None:
# before:     """Refuse a token from now on."""
# before:     denied.add(claims["jti"])
# before:
# before:
# before: def is_denied(db: Session, claims: dict[str, Any]) -> bool:
# before:     """Tell whether a token was taken back."""
# before:     return claims["jti"] in denied
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
    return db.get(RevokedToken, claims["jti"]) is not None


# <<<
