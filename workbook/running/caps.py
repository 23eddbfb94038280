"""A watch over what a submission uses: the time of a lesson, and behind walls its disk and memory.

Limits on a process bind each one alone; many small files and many processes add up.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbook.running.folders import Odd, below
from workbook.running.launch import Launcher
from workbook.running.processes import descendants

EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Caps:
    """What all processes of one submission may use together."""

    disk_bytes: int = 256 * 1024**2
    files: int = 5_000
    memory_bytes: int = 1024**3  # beyond what each shares with the process that it was forked of
    processes: int = 32
    threads: int = 300  # of all processes together


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
        if not self._launcher.homes:
            return ""
        pids = self._pids()
        held = sum(_deleted(pids[1:]).values())
        for home in tuple(self._launcher.homes):
            if reason := self._disk(home, held):
                return reason
        return self._memory(pids)

    def _pids(self) -> list[int]:
        """Return the process that the submission's were forked of, then these."""
        found = [self._launcher.pid, *descendants(self._launcher.pid)]
        # With namespaces the first of its own makes the others.
        return found[1:] if self._launcher.walls.apart and len(found) > 1 else found

    def _disk(self, home: Path, held: int) -> str:
        count, size = 0, held
        try:
            for found in below(home):
                count, size = count + 1, size + found.size
                if count > self._caps.files:
                    return f"it used more than {self._caps.files:,} files"
                if size > self._caps.disk_bytes:
                    break
        except Odd as odd:
            return f"it used {odd}"
        if size > self._caps.disk_bytes:
            return f"it used more than {self._caps.disk_bytes // 1024**2} MB of disk"
        return ""

    def _memory(self, found: list[int]) -> str:
        first, pids = found[0], found[1:]
        if len(pids) > self._caps.processes:
            return f"it used more than {self._caps.processes} processes"
        if sum(map(_threads, pids)) > self._caps.threads:
            return f"it used more than {self._caps.threads} threads"
        shared = _anonymous(first)
        if sum(max(0, _anonymous(pid) - shared) for pid in pids) > self._caps.memory_bytes:
            return f"it used more than {self._caps.memory_bytes // 1024**2} MB of memory"
        return ""


def _deleted(pids: list[int]) -> dict[tuple[int, int], int]:
    """Return how many bytes each file has that was deleted and is still open, where one may see."""
    found = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    said = os.stat(f"/proc/{pid}/fd/{name}")
                    if stat.S_ISREG(said.st_mode) and not said.st_nlink:
                        found[said.st_dev, said.st_ino] = said.st_blocks * 512
    return found


def _threads(pid: int) -> int:
    with contextlib.suppress(OSError):
        return os.stat(f"/proc/{pid}/task").st_nlink - 2
    return 0


def _anonymous(pid: int) -> int:
    """Return how many bytes of memory a process has that belong to no file; 0 if it is gone."""
    with contextlib.suppress(OSError, ValueError, LookupError):
        said = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )  # statm counts what processes share as a file's
        return sum(int(said[name].split()[0]) for name in ("RssAnon", "RssShmem")) * 1024
    return 0
