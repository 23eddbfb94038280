"""A token service as a class, on python-jose; times with fractions are welcome."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from jose import jws, jwt

from .settings import ACCESS_TOKEN_SECONDS, SECRET_KEY


class InvalidToken(ValueError):
    """The one error of this module."""


@dataclass(frozen=True)
class TokenService:
    """Makes and reads tokens with one key and one algorithm."""

    key: str
    lifetime: timedelta
    algorithm: str = "HS256"

    def create(self, subject: str, moment: datetime | None = None) -> str:
        """Return a signed token."""
        moment = (moment or datetime.now(UTC)).replace(microsecond=0)
        claims = {
            "jti": str(uuid4()),
            "sub": subject,
            "iat": int(moment.timestamp()),
            "exp": int((moment + self.lifetime).timestamp()),
        }
        return jwt.encode(claims, self.key, algorithm=self.algorithm)

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims or raise InvalidToken."""
        try:
            jws.verify(token, self.key, algorithms=[self.algorithm])
            claims = jwt.get_unverified_claims(token)
            now = datetime.now(UTC).timestamp()
            self._time(claims["iat"])
            if self._time(claims["exp"]) <= now:
                raise InvalidToken("ended")
            if "nbf" in claims and self._time(claims["nbf"]) > now:
                raise InvalidToken("too early")
            match claims["sub"]:
                case str() as subject if subject and subject.isprintable():
                    return claims
            raise InvalidToken("subject")
        except InvalidToken:
            raise
        except Exception as error:
            raise InvalidToken("unreadable") from error

    @staticmethod
    def _time(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidToken("no number")
        if not math.isfinite(value):
            raise InvalidToken("no time")
        return float(value)


service = TokenService(SECRET_KEY, timedelta(seconds=ACCESS_TOKEN_SECONDS))
