"""A process that asks a submission's database, so that a hostile one harms nobody else.

A file of shared memory that is cut short is a bus error for whoever has it mapped, a pipe in a
journal's place waits for ever, and one long comparison inside SQLite knows no clock. So whoever
asks is a process that can be lost; it imports next to nothing, to be there at once.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from workbook.storing import database, files

ANSWER_SECONDS = 8.0
"""How long an answer may take: the question's own time, and what opening takes."""
MOST_ROWS = 10_000
LONGEST_ANSWER, MEMORY = 60_000_000, 1024**3  # bytes
ROOT = Path(__file__).resolve().parents[2]


class Lost(Exception):
    """The process that asked has ended. `late`: it was ended, since its time was over."""

    def __init__(self, message: str, *, late: bool = False) -> None:
        super().__init__(message)
        self.late = late


class Refused(Exception):
    """The database cannot be opened, or does not take the question; the message says why."""


class Asker:
    """One such process, made when it is first needed; threads may share it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, do: str, root: Path, folder: Path, *question: Any) -> Any:
        """Have one of the functions of `Desk` called; return its answer. Raises Lost and Refused.

        `folder` holds the database and stands below `root`; see `files.opened`.
        """
        sent = [do, os.fspath(root), os.fspath(folder), *question]
        with self._lock:
            try:
                answer = self._once(sent)
            except Lost as lost:
                if lost.late:
                    raise
                answer = self._once(sent)  # whoever ended it need not have been the database
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]

    def _once(self, sent: list[Any]) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = _begun()
        try:
            return _asked(self._process, sent)
        except (Lost, OSError, ValueError) as why:
            self._end()
            raise why if isinstance(why, Lost) else Lost(str(why)) from why

    def forget(self, root: Path, folder: Path) -> None:
        """Let go of all that is open in a folder, if anything is."""
        if self._process:
            with contextlib.suppress(Lost):
                self.ask("forget", root, folder)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):  # a question may wait in it
                    assert pipe is not None
                    pipe.close()
            self._process.wait()
            self._process = None


SHARED = Asker()
"""One for all servers of this process: it takes longer to start than to ask."""
atexit.register(SHARED.close)


def _begun() -> subprocess.Popen[bytes]:
    words = [sys.executable, "-S", "-m", __name__]
    return subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _asked(process: subprocess.Popen[bytes], sent: list[Any]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    end = threading.Timer(ANSWER_SECONDS, give_up)
    end.start()
    try:
        process.stdin.write(json.dumps(sent, default=_coded).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline(LONGEST_ANSWER)
    finally:
        end.cancel()
    if not line.endswith(b"\n"):
        held = late.is_set()
        raise Lost(f"it {'holds' if held else 'ends'} whoever opens it", late=held)
    found: dict[str, Any] = json.loads(line, object_hook=_decoded)
    return found


def _coded(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(type(value).__name__)


def _decoded(read: dict[str, Any]) -> Any:
    return bytes.fromhex(read["bytes"]) if set(read) == {"bytes"} else read


class Desk:
    """What the process does."""

    def __init__(self) -> None:
        self._copies: dict[Path, database.Copy] = {}
        self._locks: dict[Path, ExitStack] = {}

    def rows(self, root: Path, folder: Path, question: str, values: list[Any]) -> Any:
        """Return the names of the columns, and the rows that a question finds."""
        copy = self._copies.setdefault(folder, database.Copy())
        cursor = copy.of(root, folder).execute(question, values)
        found = cursor.fetchmany(MOST_ROWS + 1)
        if len(found) > MOST_ROWS:
            raise OverflowError(f"it finds more than {MOST_ROWS:,} rows")
        return [column[0] for column in cursor.description], found

    def change(self, root: Path, folder: Path, statement: str, values: list[Any]) -> int:
        """Carry out a statement; return how many rows it changed."""
        with database.to_change(root, folder) as connection:
            changed = connection.execute(statement, values).rowcount
            connection.commit()
        return changed

    def lock(self, root: Path, folder: Path) -> None:
        """Keep everybody else from writing."""
        with ExitStack() as held:
            held.enter_context(database.locked(root, folder))
            self._locks[folder] = held.pop_all()

    def unlock(self, root: Path, folder: Path) -> None:
        """Let others write again."""
        self._locks.pop(folder, ExitStack()).close()

    def forget(self, root: Path, folder: Path) -> None:
        """Let go of what is open in this folder."""
        self.unlock(root, folder)
        if copy := self._copies.pop(folder, None):
            copy.close()

    def answer(self, line: str) -> dict[str, Any]:
        """Do what a line asks for."""
        do, root, folder, *question = json.loads(line, object_hook=_decoded)
        try:
            return {"answer": getattr(self, do)(Path(root), Path(folder), *question)}
        except (files.Unfit, OSError) as why:
            return {"refused": f"the database cannot be opened: {why}"}
        except (sqlite3.Error, OverflowError, UnicodeError, MemoryError) as error:
            return {"refused": f"the database refuses `{question[0]}`: {error}"}


def main() -> None:
    """Answer one line after the other until standard input ends."""
    with contextlib.suppress(ImportError):
        import resource

        if sys.platform.startswith("linux"):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers, desk = os.dup(1), Desk()
    os.dup2(2, 1)  # nothing that is printed may look like an answer
    for line in sys.stdin:
        files.write(answers, json.dumps(desk.answer(line), default=_coded).encode() + b"\n")


if __name__ == "__main__":
    main()
