"""The folders that servers work in: made for one run, looked at without trust, thrown away whole.

A home is the grader's own. In it lie the server's log, its sockets, and, behind walls, a copy of
the lesson's files; `INSIDE` alone belongs to the server.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INSIDE = "inside"
CODE = "code"
DEEPEST = 40
"""How many folders may stand in one another."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108  (what is made there has a name of its own)
MEMORY_LEFT = 1_000_000_000
"""How many bytes have to be free there: a container may have next to none."""


@dataclass(frozen=True)
class Found:
    """One thing below a folder: its path from there, and what the system says of it."""

    path: str
    size: int  # bytes on the disk
    is_folder: bool
    is_file: bool


class Odd(Exception):
    """A folder cannot be looked at: it is too deep, or shut."""


def new_home() -> Path:
    """Make a folder for one run, in memory where there is room: nothing of it has to last.

    Who names a place (TMPDIR) is followed.
    """
    usual = tempfile.gettempdir() == "/tmp"  # noqa: S108
    roomy = (
        usual
        and os.access(IN_MEMORY, os.W_OK | os.X_OK)
        and shutil.disk_usage(IN_MEMORY).free > MEMORY_LEFT
    )
    prefix = f"workbook-{os.getpid()}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=IN_MEMORY if roomy else None))


def remove_those_of(pid: int) -> None:
    """Remove the folders of a process that was lost before it could."""
    for place in {IN_MEMORY, Path(tempfile.gettempdir())}:
        for left in place.glob(f"workbook-{pid}-*"):
            said = left.lstat()  # anybody may lay a link there
            if stat.S_ISDIR(said.st_mode) and said.st_uid == os.geteuid():
                remove(left)


def below(place: Path) -> Iterator[Found]:
    """Give everything below a folder without following a link. Raises Odd.

    What disappears meanwhile is left out.
    """
    waiting = [("", 0)]
    while waiting:
        inner, depth = waiting.pop()
        if depth > DEEPEST:
            raise Odd(f"more than {DEEPEST} folders in one another")
        try:
            with os.scandir(place / inner) as entries:
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):
                        kind = entry.stat(follow_symlinks=False)
                        path = f"{inner}/{entry.name}" if inner else entry.name
                        folder = stat.S_ISDIR(kind.st_mode)
                        size = getattr(kind, "st_blocks", 0) * 512 or kind.st_size
                        yield Found(path, size, folder, stat.S_ISREG(kind.st_mode))
                        if folder:
                            waiting.append((path, depth + 1))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Odd(f"a folder that cannot be read ({type(error).__name__})") from error


def remove(place: Path) -> None:
    """Remove a folder that a hostile process has filled, however deep or shut it is."""
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(place)
    for _ in range(1_000_000):
        if not os.path.lexists(place):
            return
        try:
            _flatten(place)
            place.rmdir()
        except OSError:
            continue


def _flatten(place: Path) -> None:
    """Remove the files of a folder, and bring what lies in its folders one level up.

    Folders of any depth go that way; a path never grows longer than two names.
    """
    number = 0
    os.chmod(place, 0o700)
    for name in os.listdir(place):
        inner = place / name
        if inner.is_symlink() or not inner.is_dir():
            inner.unlink()
            continue
        os.chmod(inner, 0o700)
        for deeper in os.listdir(inner):
            while os.path.lexists(place / f"{number}.up"):
                number += 1
            os.rename(inner / deeper, place / f"{number}.up")
        inner.rmdir()
