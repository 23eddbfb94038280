"""What a program has left behind: the processes that still use a place."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def processes_at(place: Path) -> list[str]:
    """Return the processes that were told to keep their files there, or that stand there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "environ").read_bytes() + os.fsencode((process / "cwd").readlink())
            if os.fsencode(place) in told:
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found
