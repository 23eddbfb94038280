"""A watch over what a submission uses: the time of a lesson, and behind walls its disk and memory.

Limits on a process bind each one alone; many small files and many processes add up.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbook.running.folders import Odd, below
from workbook.running.launch import Launcher
from workbook.running.processes import descendants

EVERY_SECONDS = 0.2
PAGE = 4096
"""How many bytes a page has at least; where it has more, the cap on memory is wider."""


@dataclass(frozen=True)
class Caps:
    """What all processes of one submission may use together."""

    disk_bytes: int = 256 * 1024**2
    files: int = 5_000
    memory_bytes: int = 1024**3  # beyond what each shares with the process that it was forked of
    processes: int = 32


CAPS = Caps()


class Watch(threading.Thread):
    """Looks every fraction of a second, and tells `over` which bound was passed."""

    def __init__(
        self, launcher: Launcher, seconds: float, over: Callable[[str], None], caps: Caps
    ) -> None:
        super().__init__(daemon=True)
        self._launcher, self._over, self._caps = launcher, over, caps
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._done = threading.Event()

    def run(self) -> None:
        """Look until `close`; a submission that goes on after its end is ended again."""
        while not self._done.wait(EVERY_SECONDS):
            if reason := self.look():
                self._over(reason)

    def close(self) -> None:
        """Look no more."""
        self._done.set()

    def look(self) -> str:
        """Return which bound is passed now, or nothing."""
        if time.monotonic() > self._end:
            return f"the lesson's checks took more than {self._seconds:g} s"
        for home in tuple(self._launcher.homes):
            if reason := self._disk(home):
                return reason
        return self._memory() if self._launcher.homes else ""

    def _disk(self, home: Path) -> str:
        count = size = 0
        try:
            for found in below(home):
                count, size = count + 1, size + found.size
                if count > self._caps.files:
                    return f"it used more than {self._caps.files:,} files"
                if size > self._caps.disk_bytes:
                    return f"it used more than {self._caps.disk_bytes // 1024**2} MB of disk"
        except Odd as odd:
            return f"it used {odd}"
        return ""

    def _memory(self) -> str:
        first = self._launcher.pid
        pids = descendants(first)
        if self._launcher.walls.apart:  # the first of its namespace makes the others
            first, pids = (pids[0], pids[1:]) if pids else (first, [])
        if len(pids) > self._caps.processes:
            return f"it used more than {self._caps.processes} processes"
        shared = _anonymous(first)
        if sum(max(0, _anonymous(pid) - shared) for pid in pids) > self._caps.memory_bytes:
            return f"it used more than {self._caps.memory_bytes // 1024**2} MB of memory"
        return ""


def _anonymous(pid: int) -> int:
    """Return how many bytes of memory a process has that belong to no file; 0 if it is gone."""
    with contextlib.suppress(OSError, ValueError):
        _, resident, filed, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(filed)) * PAGE
    return 0
