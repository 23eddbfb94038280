"""Access tokens by joserfc, with the long spelling of their type."""

import time
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import ExpiredTokenError
from joserfc.jwk import OctKey

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

KEY = OctKey.import_key(SECRET_KEY.encode())
KINDS = ("at+jwt", "application/at+jwt")
ESSENTIAL = {"essential": True}
RULES = jwt.JWTClaimsRegistry(
    sub=ESSENTIAL, iat=ESSENTIAL, exp=ESSENTIAL, jti=ESSENTIAL, sid=ESSENTIAL
)


class InvalidToken(Exception):
    """Not a good token."""


class ExpiredToken(InvalidToken):
    """A token that has ended."""


def create_access_token(user_id: str, **more: Any) -> str:
    """Return a new token."""
    now = int(time.time())
    claims = {**more, "jti": str(uuid4()), "sub": user_id, "iat": now}
    claims["exp"] = now + ACCESS_TOKEN_SECONDS
    return jwt.encode({"alg": "HS256", "typ": KINDS[1]}, claims, KEY)


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token."""
    try:
        found = jwt.decode(token, KEY, algorithms=["HS256"])
        if found.header["typ"].lower() not in KINDS:
            raise TypeError("typ")
        RULES.validate(found.claims)
        for name in ("iat", "exp"):
            if type(found.claims[name]) is not int or found.claims[name] >= 2**62:
                raise TypeError(name)
        for name in ("sub", "jti", "sid"):
            if not found.claims[name].isprintable():
                raise TypeError(name)
    except ExpiredTokenError as problem:
        raise ExpiredToken("expired") from problem
    except Exception as problem:
        raise InvalidToken("The token is not valid") from problem
    return dict(found.claims)
