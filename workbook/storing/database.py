"""Asking and changing the SQLite file of a submission, which may be made to harm who opens it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from workbook.storing import files

NAME = "app.db"
COMPANIONS = ("-wal", "-shm", "-journal")
FILE_LIMIT = 10_000_000
"""How many bytes each file of the database may have."""
READINGS = 100
"""How often it is read to find it at rest: a service may write on when it has answered."""
QUESTION_SECONDS = 5.0
"""How long a question may take: a hostile file can hold an endless view."""
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
}
SAFE = ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "foreign_keys=ON")
QUICK = ("synchronous=OFF",)  # after a power cut nobody asks for these
JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
"""How a journal ends that names another one, which SQLite would open and delete (§1.2.4)."""


class Copy:
    """A private copy of a database to read, kept for as long as the files stay the same."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}
        self._closing = ExitStack()
        self._connection: sqlite3.Connection | None = None

    def of(self, root: Path, folder: Path) -> sqlite3.Connection:
        """Return a connection to a copy of what is there now.

        Raises Unfit, and sqlite3.Error for what is no database.
        """
        content = _content(root, folder)
        if self._connection is None or content != self._content:
            content = _settled(root, folder, content)
            self.close()
            made = tempfile.TemporaryDirectory("", "copy-", root, ignore_cleanup_errors=True)
            place = self._closing.enter_context(made)
            for name, part in content.items():
                Path(place, name).write_bytes(part)
            # Whoever lets go of the server may do so in another thread than who asks.
            connection = sqlite3.connect(Path(place, NAME), check_same_thread=False)
            self._closing.callback(connection.close)
            self._connection, self._content = connection, content
            _bound(connection, "query_only=ON")
        _time(self._connection)
        return self._connection

    def close(self) -> None:
        """Remove the copy."""
        self._connection = None
        self._closing.close()


def _content(root: Path, folder: Path) -> dict[str, bytes]:
    """Return what the files of the database hold, by name. Raises Unfit."""
    found = {}
    # What is written ahead is read first: what is moved from there meanwhile comes twice.
    for name in (f"{NAME}-wal", f"{NAME}-journal"):
        with suppress(files.Missing):  # these come and go while others use the database
            found[name] = _read(root, folder, name)
    found[NAME] = _read(root, folder, NAME)
    return found


def _settled(root: Path, folder: Path, content: dict[str, bytes]) -> dict[str, bytes]:
    """Read until twice the same was read: nobody has written in between. Raises Unfit."""
    for _ in range(READINGS):
        before, content = content, _content(root, folder)
        if content == before:
            return content
    raise files.Unfit(f"{NAME} is written to without end")


def _read(root: Path, folder: Path, name: str) -> bytes:
    """Return what a file of the database holds. Raises Missing and Unfit."""
    with files.opened(root, folder, name, FILE_LIMIT) as descriptor:
        content = files.read(descriptor, FILE_LIMIT)
    if name.endswith("-journal") and content.rstrip(b"\0").endswith(JOURNAL_END):
        raise files.Unfit(f"{name} names another journal")
    return content


@contextmanager
def to_change(root: Path, folder: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to the file itself. Raises Unfit, and sqlite3.Error for what is none."""
    with (
        _fit(root, folder) as descriptor,
        files.as_owner(folder),
        closing(_connected(folder, descriptor)) as connection,
    ):
        yield connection


@contextmanager
def locked(root: Path, folder: Path) -> Iterator[None]:
    """Keep everybody else from writing to the file. Raises Unfit, and sqlite3.Error.

    Meanwhile this process has its own rights: it may have more to do than to hold the lock.
    """
    with _fit(root, folder) as descriptor:
        with files.as_owner(folder):
            connection = _connected(folder, descriptor)
        try:
            with files.as_owner(folder):
                connection.execute("BEGIN IMMEDIATE")
            yield
        finally:
            with files.as_owner(folder):
                connection.close()


@contextmanager
def _fit(root: Path, folder: Path) -> Iterator[int]:
    """Open the file as a descriptor; it and those beside it are plain ones. Raises Unfit."""
    with files.opened(root, folder, NAME, FILE_LIMIT, write=True) as descriptor:
        for ending in COMPANIONS:
            with suppress(files.Missing):
                _read(root, folder, NAME + ending)
        yield descriptor


def _connected(folder: Path, descriptor: int) -> sqlite3.Connection:
    """Return a connection to the file that is open already. Raises Unfit and sqlite3.Error."""
    with ExitStack() as failing:
        connection = failing.enter_context(closing(sqlite3.connect(folder / NAME)))
        _bound(connection)
        connection.execute("PRAGMA schema_version").fetchone()  # now the file is open
        if not _is_open(descriptor):
            raise files.Unfit(f"{NAME} was exchanged while it was opened")
        failing.pop_all()
    return connection


def _bound(connection: sqlite3.Connection, *settings: str) -> None:
    for what, most in LIMITS.items():
        connection.setlimit(what, most)
    _time(connection)
    for setting in (*SAFE, *QUICK, *settings):
        connection.execute(f"PRAGMA {setting}")


def _time(connection: sqlite3.Connection) -> None:
    """Let the clock of the next question start now."""
    end = time.monotonic() + QUESTION_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)


def _is_open(descriptor: int) -> bool:
    """Tell whether this process has the same file open a second time, where the system says."""
    listed = Path("/proc/self/fd")
    if not listed.is_dir():
        return True
    wanted = os.fstat(descriptor)
    for one in os.listdir(listed):
        try:
            if int(one) != descriptor and os.path.samestat(os.fstat(int(one)), wanted):
                return True
        except OSError:
            continue
    return False
