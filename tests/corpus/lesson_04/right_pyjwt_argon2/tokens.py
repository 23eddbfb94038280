"""Tokens with PyJWT."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY


class InvalidToken(Exception):
    """Not a token of ours, or not any more."""


def create_access_token(user_id: str) -> str:
    """Mint a token for one user."""
    issued = datetime.now(UTC)
    payload = {
        "sub": user_id,
        "iat": issued,
        "exp": issued + timedelta(seconds=ACCESS_TOKEN_SECONDS),
        "kind": "access",
    }
    return jwt.encode(payload, SECRET_KEY, "HS256")


def verify_token(token: str) -> dict[str, Any]:
    """Decode a token, or say that it is none."""
    try:
        payload: dict[str, Any] = jwt.decode(
            token, SECRET_KEY, ["HS256"], options={"require": ["sub", "iat", "exp"]}
        )
        for name in ("iat", "exp"):
            if isinstance(payload[name], bool) or not isinstance(payload[name], int):
                raise InvalidToken(name)
        if not payload["sub"] or not payload["sub"].isprintable():
            raise InvalidToken("sub")
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidToken("cannot be decoded") from error
    return payload
