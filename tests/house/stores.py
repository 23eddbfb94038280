"""The PostgreSQL and the Redis that the proofs may write into."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "").replace("+psycopg", "", 1)
DATABASES = 16  # as many as a Redis has that nobody has configured


def redis_of(named: str, process: str) -> str:
    """Return the address of a Redis for one process of the proofs, or nothing if none is named.

    Proofs count what stands there, so each process takes a database of its own: the first the one
    that is named, the next the one behind it. `process` is xdist's name for it, such as `gw1`.
    """
    if not named:
        return ""
    url = urlsplit(named)
    number = int(url.path.strip("/") or 0) + int(process.removeprefix("gw"))
    return url._replace(path=f"/{number % DATABASES}").geturl()


REDIS = redis_of(os.environ.get("TEST_REDIS_URL", ""), os.environ.get("PYTEST_XDIST_WORKER", "gw0"))


@contextmanager
def new_database() -> Iterator[str]:
    """Make a database at POSTGRESQL, give its address as SQLAlchemy reads it, and drop it."""
    import psycopg  # only who names a PostgreSQL needs it

    name = f"workbook_{secrets.token_hex(16)}"
    with psycopg.connect(POSTGRESQL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            place = POSTGRESQL.partition("://")[2].rpartition("/")[0]
            yield f"postgresql+psycopg://{place}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
