"""The journal of a class run: every finished verdict, so that a run that was killed goes on.

One JSON object a line, appended and never changed. The first says what the run is about; a last
line that was cut short by a power cut is left out when it is read.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbook.storing import files

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FORMAT_VERSION = 1
OPEN = dict.fromkeys(("format_version", "seed", "checks"))
"""What a reader knows of a journal beforehand."""
NOT_ALONE = (errno.EAGAIN, errno.EACCES)


class Mismatch(Exception):
    """The journal belongs to another run."""


class Verdicts:
    """Finished verdicts by key; they stay on disk until they are asked for."""

    def __init__(self, path: Path, about: dict[str, Any] = OPEN) -> None:
        """Read a journal of which `about` is true. Raises Mismatch and OSError.

        What `about` leaves open (None) is as the run that began the journal has it. `whole` is how
        many bytes of it are whole lines: none where there is no such file.
        """
        self.path, self.about = path, dict(about)
        self._places: dict[str, int] = {}  # where each line begins
        self.whole = self._read()

    def _read(self) -> int:
        """Read what is there; return how many bytes of it are whole lines."""
        whole = 0
        if not self.path.exists():
            return whole
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                try:
                    entry = json.loads(line) if line.endswith(b"\n") else None
                except ValueError:
                    entry = None
                if not isinstance(entry, dict):
                    break
                if number == 0:
                    self._compare(entry)
                else:
                    self._places[str(entry["key"])] = whole
                whole += len(line)
        return whole

    def _compare(self, before: dict[str, Any]) -> None:
        for name, value in self.about.items():
            if value is None:
                self.about[name] = before.get(name)
            elif before.get(name) != value:
                raise Mismatch(f"{name} was {before.get(name)!r}, and is {value!r} now")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def verdict(self, key: str) -> dict[str, Any]:
        """Return a verdict. Raises KeyError for one that is not there."""
        with self.path.open("rb") as file:
            file.seek(self._places[key])
            found: dict[str, Any] = json.loads(file.readline())["verdict"]
            return found


class Journal(Verdicts):
    """The journal of a run that goes on."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        """Read the journal, or begin one that says `about`. Raises Mismatch and OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _claim(self._file)  # before it is read: another run may write still
            super().__init__(path, {"format_version": FORMAT_VERSION, **about})
            os.ftruncate(self._file, self.whole)  # a line that was cut short goes
            if self.whole == 0:
                self._append(self.about)
        except BaseException:
            os.close(self._file)
            raise

    def add(self, key: str, verdict: dict[str, Any]) -> None:
        """Keep a verdict; it is on disk when this returns. Raises OSError."""
        self._places[key] = self._append({"key": key, "verdict": verdict})

    def _append(self, entry: dict[str, Any]) -> int:
        """Write a line; return where it begins."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        before = os.fstat(self._file).st_size
        try:
            files.write(self._file, line)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, before)  # a disk that is full keeps no half line
            raise
        return before

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _claim(descriptor: int) -> None:
    """Keep other runs out, where the file system has locks. Raises Mismatch."""
    if not fcntl:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # some clusters' file systems have none: then nobody is kept out
        if error.errno in NOT_ALONE:
            raise Mismatch("one that goes on just now") from error
