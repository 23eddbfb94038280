"""Processes and what they hold: taking in orphans, ending all that is left, shutting doors."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

CALM, STEP, BLIND_SECONDS = 3, 0.001, 0.1
"""How often in a row all are seen asleep, and how long a system that cannot tell is given."""
ASLEEP = "SITZX"  # of proc(5); whoever waits for a disk (D) is not done
PARENT_DEATH_SIGNAL, DUMPABLE, SUBREAPER = 1, 4, 36  # of prctl(2)


def control(option: int, value: int) -> None:
    """Call prctl(2) on this process, on Linux alone. Raises OSError."""
    if sys.platform.startswith("linux"):
        if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))


def adopt_orphans() -> None:
    """Become the parent of every process below that loses its own."""
    control(SUBREAPER, 1)


def die_with_parent() -> None:
    """End this process when its parent ends."""
    control(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def end_descendants(but: int = 0) -> None:
    """Kill whatever is left below this process, and wait for it; one child may be spared."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # all of this namespace but its first process
    while children := set(_children(os.getpid())) - {but}:
        for pid in children:
            _freeze(pid)  # what forks faster than it is ended never ends
        for pid in {one for child in children for one in (child, *descendants(child))}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)  # one that is traced ends with its tracer alone
        for pid in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    with contextlib.suppress(ChildProcessError):
        while os.getpid() == 1:
            os.waitpid(-1, 0)


def _freeze(first: int) -> None:
    """Stop a process and everything below it; what is stopped makes no new processes."""
    stopped: set[int] = set()
    while running := {first, *descendants(first)} - stopped:
        for pid in running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= running


def descendants(pid: int) -> list[int]:
    """Return the processes below one, its children first; none where the system does not say."""
    found: list[int] = []
    waiting = _children(pid)
    while waiting:
        found += waiting
        waiting = [child for one in waiting for child in _children(one)]
    return found


def _children(pid: int) -> list[int]:
    if os.getpid() == 1 or not sys.platform.startswith("linux"):
        return []  # /proc shows the numbers of another namespace
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                listed = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                found += [int(one) for one in listed.split()]
    return found


def until_quiet(pid: int, seconds: float) -> bool:
    """Wait until every thread below a process waits for something; tell whether that came in time.

    Where the system does not say what threads do, some time has to pass for it.
    """
    if not sys.platform.startswith("linux"):
        time.sleep(min(seconds, BLIND_SECONDS))
        return False
    end, calm = time.monotonic() + seconds, 0
    while calm < CALM and time.monotonic() < end:
        time.sleep(STEP)
        calm = calm + 1 if all(map(_sleeps, descendants(pid))) else 0
    return calm == CALM


def _sleeps(pid: int) -> bool:
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                state = Path(f"/proc/{pid}/task/{thread}/stat").read_bytes().rpartition(b") ")[2]
                if state[:1].decode() not in ASLEEP:
                    return False
    return True


def threads_of(user: int) -> int:
    """Return how many threads a user runs, as far as the system tells."""
    count = 0
    for place in Path("/proc").glob("[0-9]*/task"):
        with contextlib.suppress(OSError):
            if place.stat().st_uid == user:
                count += len(os.listdir(place))
    return count


def hide() -> None:
    """Let nobody look into this process's memory."""
    control(DUMPABLE, 0)


def close_all_but(kept: set[int]) -> None:
    """Close every open descriptor but these."""
    last = 2
    for descriptor in sorted(kept | {0, 1, 2}):
        if descriptor > last:
            os.closerange(last + 1, descriptor)
        last = max(last, descriptor)
    limit_ = os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 4096
    os.closerange(last + 1, min(limit_, 65536))
