"""Access tokens with PyJWT and aware datetimes."""

from datetime import UTC, datetime, timedelta
from math import isfinite

import jwt
from jwt.exceptions import PyJWTError

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

OPTIONS = {"require": ["exp", "iat", "sub"], "verify_aud": False}


class InvalidToken(Exception):
    """Raised for every token that is not good."""


def create_access_token(user_id: str) -> str:
    """Sign a token for the user."""
    issued = datetime.now(UTC)
    payload = {
        "iat": issued,
        "exp": issued + timedelta(seconds=ACCESS_TOKEN_SECONDS),
        "sub": user_id,
        "typ": "access",
    }
    return jwt.encode(payload, SECRET_KEY, "HS256", headers={"kid": "main"})


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def verify_token(token: str) -> dict:
    """Return the payload, or raise InvalidToken."""
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options=OPTIONS)
        times = [_is_time(payload[name]) for name in ("exp", "iat", "nbf") if name in payload]
        payload["sub"].encode("utf-8")
    except (PyJWTError, RecursionError, ValueError, TypeError, OverflowError) as error:
        raise InvalidToken from error
    if not payload["sub"] or not all(times):
        raise InvalidToken
    return payload
