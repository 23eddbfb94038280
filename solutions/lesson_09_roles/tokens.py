"""Tokens that nobody can change and that end: PyJWT takes over in lesson 7."""

import time
from typing import Any

import jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

ALGORITHM = "HS256"
REQUIRED = ["sub", "iat", "exp"]


class InvalidToken(Exception):
    """This token is not one of ours, or it has ended."""


class ExpiredToken(InvalidToken):
    """This token was ours, and has ended."""


def create_access_token(user_id: str, **more: Any) -> str:
    """Return a signed token for this user, with `more` claims, good for ACCESS_TOKEN_SECONDS."""
    now = int(time.time())
    # The payload is readable: an id and two times, nothing private.
    claims = {"sub": user_id, "iat": now, "exp": now + ACCESS_TOKEN_SECONDS, **more}
    return jwt.encode(claims, SECRET_KEY, algorithm=ALGORITHM)


def check_types(claims: dict[str, Any]) -> None:
    """Raise InvalidToken unless the times have the type that we write."""
    # PyJWT would take `"9999999999"`, a string, for a time.
    times = (claims["exp"], claims["iat"], claims.get("nbf", 0))
    if any(type(one) is not int for one in times):  # and True is none
        raise InvalidToken("The token is not valid")


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token; raise InvalidToken for any other (RFC 7519 §7.2)."""
    if not token.isascii():  # half a character, out of a form, would stop the library
        raise InvalidToken("The token is not valid")
    try:
        # One algorithm only: "alg: none" in a header must not choose for us.
        claims = jwt.decode(
            token, SECRET_KEY, algorithms=[ALGORITHM], options={"require": REQUIRED}
        )
    except jwt.ExpiredSignatureError as problem:
        raise ExpiredToken("The token has expired") from problem
    except jwt.InvalidTokenError as problem:
        raise InvalidToken("The token is not valid") from problem
    check_types(claims)
    return claims
