"""Tokens by PyJWT."""

import time
from typing import Any

import jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY


class InvalidToken(Exception):
    """Not a token of ours."""


def create_access_token(user_id: str) -> str:
    """Sign a token for the user."""
    now = int(time.time())
    payload = {"sub": user_id, "iat": now, "exp": now + ACCESS_TOKEN_SECONDS, "for": "api"}
    return jwt.encode(payload, SECRET_KEY, algorithm="HS256")


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token, or raise InvalidToken."""
    options: Any = {"require": ["sub", "iat", "exp"], "verify_aud": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options=options)
        if any(type(claims[name]) is not int for name in ("iat", "exp")) or not claims["sub"]:
            raise InvalidToken
        claims["sub"].encode()
    except Exception as error:
        raise InvalidToken from error
    return claims
