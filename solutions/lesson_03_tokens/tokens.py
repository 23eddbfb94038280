"""Tokens that nobody can change and that end: what lesson 3 adds."""

import time
from typing import Any

from jose import jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

ALGORITHM = "HS256"
REQUIRED = {"require_sub": True, "require_iat": True, "require_exp": True}


class InvalidToken(Exception):
    """This token is not one of ours, or it has ended."""


def create_access_token(user_id: str) -> str:
    """Return a signed token that stands for this user for ACCESS_TOKEN_SECONDS."""
    now = int(time.time())
    # >>> your turn 1: say whom the token stands for, since when and until when
    # before: claims = {"sub": user_id, "iat": now}
    # The payload is readable: an id and two times, nothing private.
    claims = {"sub": user_id, "iat": now, "exp": now + ACCESS_TOKEN_SECONDS}
    # <<<
    return jwt.encode(claims, SECRET_KEY, algorithm=ALGORITHM)


def check_types(claims: dict[str, Any]) -> None:
    """Raise ValueError unless the claims have the types that we write.

    python-jose would take `"9999999999"`, a string, for a time.
    """
    # >>> your turn 2: refuse times that are no numbers, and a subject that is empty or no text
    # before: return
    times = (claims["exp"], claims["iat"], claims.get("nbf", 0))
    if any(type(one) is not int for one in times):
        raise ValueError("exp, iat and nbf are whole numbers")  # and True is none
    if not claims["sub"].encode():  # a lone surrogate raises here, before it can reach an answer
        raise ValueError("sub is empty")
    # <<<


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token; raise InvalidToken for any other (RFC 7519 §7.2)."""
    # >>> your turn 2: check the signature, the end and the claims
    # before: return jwt.get_unverified_claims(token)
    try:
        # One algorithm only: "alg: none" in a header must not choose for us.
        claims = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM], options=REQUIRED)
        check_types(claims)
    except Exception as problem:
        # Not JWTError alone: a crafted header makes python-jose raise RecursionError.
        raise InvalidToken("The token is not valid") from problem
    return claims
    # <<<
