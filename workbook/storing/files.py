"""Opening a file that a submission wrote: no link, no pipe, no surprise is followed or waited for.

The folder belongs to code that may be hostile and may still run, so each step of the way is opened
from the one before, and what was opened is looked at, not its name.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STEPWISE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
CLOSED = getattr(os, "O_CLOEXEC", 0)
ANY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class Unfit(Exception):
    """There is no plain file; the message says what there is."""


class Missing(Unfit):
    """There is nothing of that name."""


@contextmanager
def opened(
    root: Path, folder: Path, name: str, limit: int, *, write: bool = False
) -> Iterator[int]:
    """Open a plain file below `folder`, which stands below `root`, as a descriptor.

    Links are followed up to `root` alone. The file has at most `limit` bytes and one name. Raises
    Missing where there is none, else Unfit.
    """
    how = (os.O_RDWR if write else os.O_RDONLY) | ANY | CLOSED
    try:
        with as_owner(folder):
            descriptor = _stepwise(root, folder / name, how) if STEPWISE else _plain(folder / name)
    except OSError as error:
        kind = Missing if isinstance(error, FileNotFoundError) else Unfit
        raise kind(f"{name} cannot be opened ({type(error).__name__})") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Unfit(f"{name} is no file")
        if found.st_size > limit:
            raise Unfit(f"{name} is larger than {limit:,} bytes")
        if found.st_nlink > 1:
            raise Unfit(f"{name} has a second name")
        yield descriptor
    finally:
        os.close(descriptor)


def _stepwise(root: Path, path: Path, how: int) -> int:
    if not path.is_relative_to(root):  # a DATA_DIR that somebody else has chosen
        root = path.parent.parent
    *folders, name = path.relative_to(root).parts
    passing = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | CLOSED
    here = os.open(root, passing)
    try:
        for one in folders:
            inner = os.open(one, passing | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(name, how | os.O_NOFOLLOW, dir_fd=here)
    finally:
        os.close(here)


def _plain(path: Path) -> int:
    """Open where the system knows no steps."""
    if path.is_symlink() or path.parent.is_symlink() or (path.exists() and not path.is_file()):
        raise OSError(f"{path} is no plain file")
    return os.open(path, os.O_RDWR | ANY)


def read(descriptor: int, limit: int) -> bytes:
    """Return what an open file holds, of at most `limit` bytes. Raises Unfit."""
    parts: list[bytes] = []
    size = 0
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise Unfit(f"it is larger than {limit:,} bytes")
    return b"".join(parts)


def write(descriptor: int, content: bytes) -> None:
    """Write all of it, in as many steps as the system takes. Raises OSError."""
    while content:
        content = content[os.write(descriptor, content) :]


@contextmanager
def as_owner(place: Path) -> Iterator[None]:
    """Touch files meanwhile with no more rights than a folder's owner has, where this is root.

    On Linux a thread can do that for itself alone (setfsuid(2)).
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        yield
        return
    owner = 0
    with suppress(OSError):
        owner = place.lstat().st_uid
    libc = ctypes.CDLL(None)
    libc.setfsgid(owner)
    libc.setfsuid(owner)
    try:
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(0)
