"""Tokens by joserfc; each is named by 20 random bytes."""

from __future__ import annotations

import secrets
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

KEY = OctKey.import_key(SECRET_KEY)
RULES = jwt.JWTClaimsRegistry(
    sub={"essential": True},
    iat={"essential": True},
    exp={"essential": True},
    jti={"essential": True},
)


class InvalidToken(Exception):
    """Not one of ours, or over."""


class ExpiredToken(InvalidToken):
    """Never told apart here."""


def create_access_token(user_id: str, **more: Any) -> str:
    """Return a token with a name of its own."""
    now = int(time.time())
    claims = {"sub": user_id, "iat": now, "exp": now + ACCESS_TOKEN_SECONDS, **more}
    claims["jti"] = secrets.token_urlsafe(20)
    return jwt.encode({"alg": "HS256"}, claims, KEY)


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token, or raise InvalidToken."""
    try:
        claims = dict(jwt.decode(token, KEY, algorithms=["HS256"]).claims)
        RULES.validate(claims)
        texts = all(isinstance(claims[one], str) for one in ("sub", "jti"))
        times = all(type(claims[one]) is int and claims[one] < 2**63 for one in ("iat", "exp"))
        claims["jti"].encode()
    except Exception as problem:
        raise InvalidToken("The token is not valid") from problem
    if not (texts and times and claims["jti"].strip("\0")) or claims["exp"] <= time.time():
        raise InvalidToken("The token is not valid")
    return claims
