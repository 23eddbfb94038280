"""Access tokens, made and read with PyJWT."""

from datetime import UTC, datetime, timedelta

import jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY


class NotGood(Exception):
    """The token is worth nothing."""


def issue(subject: str) -> str:
    """Return a token for this subject."""
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=ACCESS_TOKEN_SECONDS)
    return jwt.encode({"sub": subject, "iat": now, "exp": ends}, SECRET_KEY, "HS256")


def read(text: str) -> tuple[str, int]:
    """Return subject and end of a good token. Raises NotGood."""
    try:
        claims = jwt.decode(text, SECRET_KEY, ["HS256"], options={"require": ["sub", "iat", "exp"]})
        subject, end = claims["sub"], claims["exp"]
        subject.encode()
    except Exception as error:
        raise NotGood from error
    if not subject or isinstance(end, str | bool):
        raise NotGood
    return subject, end
