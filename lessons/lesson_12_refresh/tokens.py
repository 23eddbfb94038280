"""Tokens that nobody can change and that end: PyJWT takes over in lesson 7."""

import time
from typing import Any
from uuid import uuid4

import jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

ALGORITHM = "HS256"
TYPE = "at+jwt"  # an access token (RFC 9068 §2.1)
NAMES = ["jti", "sid"]  # of the token, and of the login that it came from
REQUIRED = ["sub", "iat", "exp", *NAMES]


class InvalidToken(Exception):
    """This token is not one of ours, or it has ended."""


class ExpiredToken(InvalidToken):
    """This token was ours, and has ended."""


def create_access_token(user_id: str, **more: Any) -> str:
    """Return a signed token for this user, with `more` claims, good for ACCESS_TOKEN_SECONDS."""
    now = int(time.time())
    # The payload is readable: an id and two times, nothing private.
    claims = {"sub": user_id, "iat": now, "exp": now + ACCESS_TOKEN_SECONDS, **more}
    claims["jti"] = uuid4().hex
    # TODO 4: say in the header what the token is for
    return jwt.encode(claims, SECRET_KEY, algorithm=ALGORITHM)


def check_types(claims: dict[str, Any]) -> None:
    """Raise InvalidToken unless times and names are such as a column of the database holds."""
    # PyJWT would take `"9999999999"`, a string, for a time.
    times = all(type(claims.get(one, 0)) is int for one in ("exp", "iat", "nbf"))
    names = [claims[one] for one in NAMES]
    named = all(isinstance(one, str) and one and one.isprintable() for one in names)
    if not (times and named and claims["exp"] < 2**63):
        raise InvalidToken("The token is not valid")


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token; raise InvalidToken for any other (RFC 7519 §7.2)."""
    if not token.isascii():  # half a character, out of a form, would stop the library
        raise InvalidToken("The token is not valid")
    try:
        # One algorithm only: "alg: none" in a header must not choose for us.
        whole = jwt.decode_complete(
            token, SECRET_KEY, algorithms=[ALGORITHM], options={"require": REQUIRED}
        )
    except jwt.ExpiredSignatureError as problem:
        raise ExpiredToken("The token has expired") from problem
    except jwt.InvalidTokenError as problem:
        raise InvalidToken("The token is not valid") from problem
    # TODO 4: take nothing for an access token that does not say it is one
    claims = whole["payload"]
    check_types(claims)
    return claims
