"""What a server process is asked to run, in words that cross a pipe."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, field


def listen_on(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1; port 0 takes any free one. Raises OSError."""
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


@dataclass(frozen=True)
class Job:
    """One lesson of one tree, with the environment and limits that it gets.

    `folder` holds the lesson packages (the `lessons` or `solutions` folder of a tree), `room` is
    the name that they are imported under, `package` the lesson. `port` is None for a socket that
    is handed over, 0 for any free port. What it prints goes into the file `log`; without one it
    goes where the parent's own prints go, with uvicorn's lines for each request. `rung` names the
    walls that it runs behind, if any (see `workbook.running.contain`); `user` is whom a root's
    child becomes.
    """

    folder: str
    room: str
    package: str
    environment: dict[str, str] = field(default_factory=dict)
    directory: str = ""
    port: int | None = None
    log: str = ""
    rung: str = ""
    user: int | None = None

    def to_json(self) -> bytes:
        """Return the job as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes | str) -> Job:
        """Read what `to_json` wrote."""
        return cls(**json.loads(line))
