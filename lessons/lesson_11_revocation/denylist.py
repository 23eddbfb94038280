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
    # TODO 2: delete what is over, or the list grows for ever
    return  # nothing is ever forgotten


# TODO 2: keep the list where every worker looks, and a restart does not empty it
denied: set[str] = set()


def deny(db: Session, claims: dict[str, Any]) -> None:
    """Refuse a token from now on."""
    denied.add(claims["jti"])


def is_denied(db: Session, claims: dict[str, Any]) -> bool:
    """Tell whether a token was taken back."""
    return claims["jti"] in denied
