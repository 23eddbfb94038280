"""What a submission stored, read and changed as another process of the service would do it.

Up to lesson 6 that is `users.json` in its data folder; from lesson 7 on it is a database: the
SQLite file `app.db` there, or what `DATABASE_URL` names.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook.grading.verdicts import NotReached

FILE_LIMIT = 10_000_000
"""How many bytes a stored file may have that a check reads."""
QUESTION_SECONDS = 5.0
"""How long a question to the database may take: a hostile file can hold an endless view."""


def readable(path: Path) -> bool:
    """Tell whether a path is a file of fair size: no link, and no pipe that blocks its reader."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= FILE_LIMIT


class Stored:
    """The data of one submission: `folder` is its DATA_DIR, `url` its DATABASE_URL, if it has one.

    What has not the form that the contract asks for raises NotReached.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.url = folder, url

    # -- files -------------------------------------------------------------------------------

    def files(self) -> dict[str, bytes]:
        """Return every file below the data folder, by its relative path."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if readable(path)
        }

    def users(self) -> dict[str, dict[str, Any]]:
        """Return `users.json`."""
        path = self._users_file()
        try:
            users = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise NotReached(f"users.json cannot be read ({type(error).__name__})") from error
        if not isinstance(users, dict) or not all(isinstance(one, dict) for one in users.values()):
            raise NotReached("users.json is not an object of users by name")
        return users

    def store_users(self, users: dict[str, dict[str, Any]]) -> None:
        """Write `users.json`."""
        self._users_file().write_text(json.dumps(users), "utf-8")

    def _users_file(self) -> Path:
        path = self.folder / "users.json"
        if not readable(path):
            raise NotReached("there is no file users.json in DATA_DIR")
        return path

    # -- the database ------------------------------------------------------------------------

    @property
    def in_database(self) -> bool:
        """Whether accounts are kept in a database."""
        return bool(self.url) or (self.folder / "app.db").exists()

    def rows(self, question: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows that an SQL question finds, each by its columns' names.

        A `?` stands for each of the values.
        """
        with self._asked(question, values) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def change(self, statement: str, *values: Any) -> int:
        """Carry out an SQL statement; return how many rows it changed."""
        with self._asked(statement, values) as cursor:
            changed: int = cursor.rowcount
            return changed

    @contextmanager
    def _asked(self, statement: str, values: tuple[Any, ...]) -> Iterator[Any]:
        connection = self._postgres() if self.url.startswith("postgresql") else self._sqlite()
        try:
            cursor = connection.cursor()
            cursor.execute(statement.replace("?", "%s") if self.url else statement, values)
            yield cursor
            connection.commit()
        except connection.Error as error:
            raise NotReached(f"the database refuses `{statement}`: {error}") from error
        finally:
            connection.close()

    def _sqlite(self) -> Any:
        path = self.folder / "app.db"
        if not readable(path):
            raise NotReached("there is no database app.db in DATA_DIR")
        connection = sqlite3.connect(path)
        end = time.monotonic() + QUESTION_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _postgres(self) -> Any:
        import psycopg  # an extra: whoever names such a database has it

        return psycopg.connect(self.url.replace("+psycopg", "", 1))

    # -- accounts, wherever they are ---------------------------------------------------------

    def disable(self, username: str) -> None:
        """Lock a user out."""
        if self.in_database:
            self.change("UPDATE users SET disabled = ? WHERE username = ?", True, username)
            return
        users = self.users()
        users.get(username, {})["disabled"] = True
        self.store_users(users)

    def remove(self, username: str) -> None:
        """Delete a user."""
        if self.in_database:
            self.change("DELETE FROM users WHERE username = ?", username)
            return
        users = self.users()
        users.pop(username, None)
        self.store_users(users)
