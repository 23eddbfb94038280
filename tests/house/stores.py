"""The Redis that the proofs may write into."""

import os
from urllib.parse import urlsplit

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
