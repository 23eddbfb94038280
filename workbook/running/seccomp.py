"""A filter on system calls: no new sockets, no look into other processes, no new namespaces.

A server needs none of them: it was handed the socket that it listens on. Landlock and namespaces
leave one gap that this closes: sockets of the file system, such as a database's.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import Any

SET_SECCOMP, FILTER = 22, 2  # of prctl(2)
LOAD, JUMP_IF_EQUAL, AND, RETURN = 0x20, 0x15, 0x54, 0x06  # of a BPF program (linux/filter.h)
ALLOW, REFUSE = 0x7FFF_0000, 0x0005_0000  # the second with an errno in its low bits
NUMBER_AT, ARCHITECTURE_AT = 0, 4  # in struct seccomp_data
NOT_PERMITTED, NOT_THERE = 1, 38

# socket, connect, ptrace, process_vm_readv, process_vm_writev, unshare, setns, mount, bpf,
# perf_event_open, io_uring_setup, kexec_load, keyctl, add_key,
# shmget, semget, msgget, mq_open, memfd_create, memfd_secret: what no watch counts,
# kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_open, pidfd_send_signal
CALLS = {
    "x86_64": (
        0xC000_003E,
        (
            *(41, 42, 101, 310, 311, 272, 308, 165, 321, 298, 425, 246, 250, 248),
            *(29, 64, 68, 240, 319, 447),
            *(62, 200, 234, 129, 297, 434, 424),
        ),
    ),
    "aarch64": (
        0xC000_00B7,
        (
            *(198, 203, 117, 270, 271, 97, 268, 40, 280, 241, 425, 104, 219, 217),
            *(194, 190, 186, 180, 279, 447),
            *(129, 130, 131, 138, 240, 434, 424),
        ),
    ),
}
SOCKETPAIR = {"x86_64": 53, "aarch64": 199}
"""A pair of streams is how an event loop wakes itself; one of datagrams could write to others."""
CLONES = {"x86_64": (56, 435), "aarch64": (220, 435)}
"""Both make processes and threads; with other flags they make namespaces, as unshare does."""
FIRST_ARGUMENT_AT, NAMESPACES = 16, 0x7E02_0000
SECOND_ARGUMENT_AT, KIND_OF_SOCKET, STREAM = 24, 0xF, 1
X32 = 0x4000_0000
"""From here on x86-64 counts the same calls a second time."""


class _Step(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("steps", ctypes.c_void_p)]


def offered() -> bool:
    """Tell whether this system and processor have such a filter."""
    return sys.platform.startswith("linux") and platform.machine() in CALLS


def steps() -> list[tuple[int, int, int, int]]:
    """Return the filter: each step's code, jumps and value."""
    architecture, listed = CALLS[platform.machine()]
    pair, (clone, clone3) = SOCKETPAIR[platform.machine()], CLONES[platform.machine()]
    refuse = (RETURN, 0, 0, REFUSE | NOT_PERMITTED)
    made = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        refuse,  # the calls of another architecture have other numbers
        (LOAD, 0, 0, NUMBER_AT),
    ]
    for number in (one | again for one in listed for again in (0, X32)):
        made += [(JUMP_IF_EQUAL, 0, 1, number), refuse]
    for number in (clone3, X32 | clone3):  # its flags lie in memory; libraries then use the other
        made += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | NOT_THERE)]
    for number, place, bits, wanted in (
        (pair, SECOND_ARGUMENT_AT, KIND_OF_SOCKET, STREAM),
        (clone, FIRST_ARGUMENT_AT, NAMESPACES, 0),
    ):
        for one in (number, X32 | number):
            made += [
                (JUMP_IF_EQUAL, 0, 5, one),
                (LOAD, 0, 0, place),
                (AND, 0, 0, bits),
                (JUMP_IF_EQUAL, 1, 0, wanted),
                refuse,
                (RETURN, 0, 0, ALLOW),
            ]
    return [*made, (RETURN, 0, 0, ALLOW)]


def restrict(libc: Any) -> None:
    """Put the filter on this process and all that it starts. Raises OSError."""
    made = [_Step(*step) for step in steps()]
    held = (_Step * len(made))(*made)
    program = _Program(len(made), ctypes.addressof(held))
    if libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
