"""Tokens by joserfc: what makes one, and what takes one apart."""

import time

from joserfc import jwt
from joserfc.jwk import OctKey

from . import settings

_key = OctKey.import_key(settings.SECRET_KEY.encode("utf-8"))
_registry = jwt.JWTClaimsRegistry(
    sub={"essential": True}, iat={"essential": True}, exp={"essential": True}
)
_numbers = (int, float)


def issue(subject: str) -> tuple[str, int]:
    """Return a token and the seconds that it lives."""
    life = settings.ACCESS_TOKEN_SECONDS
    now = int(time.time())
    claims = {"sub": subject, "iat": now, "nbf": now, "exp": now + life, "scope": "me"}
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, _key), life


def read(token: str) -> dict | None:
    """Return the claims of a good token, None for all others."""
    try:
        found = jwt.decode(token, _key, algorithms=["HS256"])
        if found.header.get("alg") != "HS256":
            return None
        claims = dict(found.claims)
        for name in ("iat", "exp", "nbf"):
            if name in claims and type(claims[name]) not in _numbers:
                return None
            claims[name] = int(claims.get(name, 0))
        _registry.validate(found.claims)
        subject = claims["sub"]
        if not isinstance(subject, str) or subject == "":
            return None
        subject.encode()
    except Exception:
        return None
    return claims
