"""Landlock: a Linux process gives up, for itself and all that it starts, files and the network.

It needs no privilege and no package (kernel documentation, `userspace-api/landlock`). What a newer
kernel can take away in addition is taken away where the running one offers it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READING = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""The rights that a rule about a single file may name."""
BIND_TCP, CONNECT_TCP = 1 << 0, 1 << 1
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1

_libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """Return the version that the kernel offers; 0 where there is none."""
    if _libc is None or not hasattr(_libc, "syscall") or not Path("/proc/sys/kernel").exists():
        return 0
    found: int = _libc.syscall(CREATE, None, ctypes.c_size_t(0), VERSION)
    return max(found, 0)


def mechanisms(offered: int) -> list[str]:
    """Say what a version of Landlock takes away, in words."""
    steps = ((1, "files"), (4, "TCP"), (6, "signals and abstract sockets"))
    return [f"Landlock: {what}" for least, what in steps if offered >= least]


def restrict(reading: Iterable[Path], writing: Iterable[Path]) -> None:
    """Leave this process nothing but these files and folders, and no network of its own.

    Sockets that are open stay open. Raises OSError where the kernel refuses.
    """
    offered = version()
    every = (1 << 13) - 1
    every |= (REFER if offered >= 2 else 0) | (TRUNCATE if offered >= 3 else 0)
    every |= IOCTL_DEV if offered >= 5 else 0
    rules = _Ruleset(
        every,
        BIND_TCP | CONNECT_TCP if offered >= 4 else 0,
        ABSTRACT_SOCKETS | SIGNALS if offered >= 6 else 0,
    )
    size = 8 * (1 + (offered >= 4) + (offered >= 6))
    ruleset = _called(CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    try:
        for allowed, paths in ((READING, reading), (every, writing)):
            for path in paths:
                _allow(ruleset, path, allowed & every)
        _called(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    with contextlib.suppress(FileNotFoundError):  # what is not there needs no rule
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            kind = allowed if path.is_dir() else allowed & OF_FILES
            rule = _Beneath(kind, opened)
            _called(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(opened)


def _called(number: int, *arguments: object) -> int:
    assert _libc is not None
    found: int = _libc.syscall(number, *arguments)
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return found
