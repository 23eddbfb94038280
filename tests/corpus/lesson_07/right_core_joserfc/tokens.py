"""Access tokens by joserfc."""

from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError
from joserfc.jwk import OctKey

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY

KEY = OctKey.import_key(SECRET_KEY.encode())
RULES = jwt.JWTClaimsRegistry(
    leeway=30, sub={"essential": True}, iat={"essential": True}, exp={"essential": True}
)


class InvalidToken(Exception):
    """Not a good token."""


class ExpiredToken(InvalidToken):
    """One that has ended."""


def create_access_token(user_id: str) -> str:
    """Return a token."""
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=ACCESS_TOKEN_SECONDS)
    claims = {"sub": user_id, "iat": int(now.timestamp()), "exp": int(ends.timestamp())}
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, KEY)


def verify_token(token: str) -> dict[str, Any]:
    """Return the claims of a good token."""
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"]).claims
        if not isinstance(claims["sub"], str):
            raise TypeError
        if any(type(claims[name]) is not int for name in ("iat", "exp")):
            raise TypeError
        if claims["exp"] <= datetime.now(UTC).timestamp():
            raise ExpiredTokenError
        RULES.validate(claims)
    except ExpiredTokenError:
        raise ExpiredToken("ended") from None
    except Exception:
        raise InvalidToken("not good") from None
    return claims
