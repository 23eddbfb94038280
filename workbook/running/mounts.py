"""A view of the file system in which nothing but one folder can be changed.

Landlock lets a process change the modes and times of its own user's files, wherever they are. Who
has namespaces but no other user to become needs this besides (mount_setattr(2), from Linux 5.12).
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

NEW_MOUNTS = 0x0002_0000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x4_0000  # of mount(2)
SET_ATTRIBUTES, HERE, WHOLE_TREE, READ_ONLY = 442, -100, 0x8000, 1


def read_only_but(libc: Any, home: Path) -> bool:
    """Let this process change `home` alone, its directory from now on; tell whether that worked."""
    place = os.fsencode(home)
    worked = (
        libc.unshare(NEW_MOUNTS) == 0
        and libc.mount(None, b"/", None, RECURSIVE | PRIVATE, None) == 0
        and libc.mount(place, place, None, BIND, None) == 0
        and _set(libc, b"/", WHOLE_TREE, READ_ONLY, 0)
        and _set(libc, place, 0, 0, READ_ONLY)
    )
    os.chdir(home)  # what was its directory lies below the new one
    return bool(worked)


def _set(libc: Any, place: bytes, how: int, given: int, taken: int) -> bool:
    attributes = (ctypes.c_uint64 * 4)(given, taken, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    found: int = libc.syscall(SET_ATTRIBUTES, HERE, place, how, ctypes.byref(attributes), size)
    return found == 0
