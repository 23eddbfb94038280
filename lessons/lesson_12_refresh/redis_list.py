"""The list of tokens that were taken back, kept in Redis (given)."""

from typing import Any

from redis import Redis, RedisError

from .errors import StoreDown


class RedisList:
    """A list that all workers share; an entry leaves by itself when its token ends."""

    def __init__(self, url: str) -> None:
        """Name the server; a connection is made at the first use."""
        self.redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)

    def deny(self, claims: dict[str, Any]) -> None:
        """Put a token on the list, or raise StoreDown."""
        try:
            self.redis.set(f"revoked:{claims['jti']}", 1, exat=claims["exp"])
        except RedisError as problem:
            raise StoreDown from problem

    def is_denied(self, claims: dict[str, Any]) -> bool:
        """Tell whether a token is on the list, or raise StoreDown."""
        try:
            return bool(self.redis.exists(*(f"revoked:{claims.get(by)}" for by in ("jti", "sid"))))
        except RedisError as problem:
            # No answer is no permission: who cannot look at the list must not let anybody in.
            raise StoreDown from problem
