"""Seatbelt: a macOS process gives up, for itself and all that it starts, files and the network.

Written from Apple's documentation of `sandbox_init(3)` and sandbox profiles, and NOT TESTED on a
Mac: reports say so. Where macOS refuses the profile, or the profile lets a file be read that it
must hide, the rung is A.
"""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Iterable
from pathlib import Path

SYSTEM = ("/System", "/usr/lib", "/usr/share", "/private/etc", "/private/var/db", "/dev")
"""What any program there reads."""
PROFILE = """(version 1)
(allow default)
(deny network-outbound network-bind)
(deny signal)
(allow signal (target self))
(deny process-info*)
(allow process-info* (target self))
(deny file-write*)
(allow file-write* {writing})
(deny file-read-data)
(allow file-read-data {reading})
"""
"""Where an app may look up names and sizes, but neither read, write, call nor end a stranger."""


def profile(reading: Iterable[Path], writing: Iterable[Path]) -> str:
    """Return the rules that leave a process these files and folders alone.

    Links are followed here, as macOS compares where a path leads in the end (`/tmp` is one).
    """
    own, others = list(writing), [*reading, *map(Path, SYSTEM)]
    return PROFILE.format(writing=_below(own), reading=_below([*own, *others]))


def _below(places: Iterable[Path]) -> str:
    # A quoted text of a profile knows JSON's escapes for `"` and the backslash, and takes UTF-8.
    texts = (json.dumps(os.path.realpath(place), ensure_ascii=False) for place in places)
    return " ".join(f"(subpath {text})" for text in texts)


def restrict(reading: Iterable[Path], writing: Iterable[Path]) -> None:
    """Leave this process nothing but these files and folders, and no network of its own.

    Sockets that are open stay open. Raises OSError where macOS refuses.
    """
    library = ctypes.CDLL("/usr/lib/libSystem.dylib")
    told = ctypes.c_char_p()
    if library.sandbox_init(os.fsencode(profile(reading, writing)), 0, ctypes.byref(told)):
        raise OSError(f"Seatbelt: {(told.value or b'refused').decode('utf-8', 'replace')}")
