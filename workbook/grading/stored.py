"""What a submission stored, read and changed as another process of the service would do it.

Up to lesson 6 that is `users.json` in its data folder; from lesson 7 on it is a database: the
SQLite file `app.db` there, or what `DATABASE_URL` names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workbook.grading.verdicts import NotReached
from workbook.running.folders import Odd, below
from workbook.storing import files
from workbook.storing.asker import MOST_ROWS, SHARED, Lost, Refused
from workbook.storing.database import NAME

USERS = "users.json"
USERS_LIMIT, FILE_LIMIT, ALL_LIMIT = 2_000_000, 10_000_000, 50_000_000
"""How many bytes are read of the users, of another file, and of all files together."""
MOST_FILES = 2_000


class Stored:
    """The data of one submission: `folder` is its DATA_DIR, `url` its DATABASE_URL, if it has one.

    `root` is the last folder on the way there that is not the submission's. What has not the form
    that the contract asks for raises NotReached.
    """

    def __init__(self, folder: Path, url: str = "", root: Path | None = None) -> None:
        self.folder, self.url, self.root = folder, url, root or folder.parent

    # -- files -------------------------------------------------------------------------------

    def files(self) -> dict[str, bytes]:
        """Return every plain file below the data folder, by its relative path."""
        return self._all(names=False)

    def everything(self) -> dict[str, bytes]:
        """Return the same, and with nothing in it each thing that is no plain file."""
        return self._all(names=True)

    def _all(self, *, names: bool) -> dict[str, bytes]:
        kept: dict[str, bytes] = {}
        size = 0
        try:
            for number, found in enumerate(below(self.folder)):
                if number >= MOST_FILES or size > ALL_LIMIT:
                    raise NotReached("it has stored too much to be looked at")
                content = b""
                try:
                    if found.is_file:
                        content = self._read(found.path, FILE_LIMIT)
                except NotReached:
                    if not names:
                        continue
                if found.is_file or names:
                    kept[found.path] = content
                    size += len(content)
        except Odd as odd:
            raise NotReached(f"it has stored {odd}") from odd
        return dict(sorted(kept.items()))

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with files.opened(self.root, self.folder, name, limit) as descriptor:
                return files.read(descriptor, limit)
        except (files.Unfit, OSError) as why:
            raise NotReached(str(why)) from why

    def users(self) -> dict[str, dict[str, Any]]:
        """Return `users.json`."""
        if not os.path.lexists(self.folder / USERS):
            raise NotReached("there is no file users.json in DATA_DIR")
        try:
            users = json.loads(self._read(USERS, USERS_LIMIT))
        except (ValueError, RecursionError) as error:
            raise NotReached(f"users.json cannot be read ({type(error).__name__})") from error
        if not isinstance(users, dict) or not all(isinstance(one, dict) for one in users.values()):
            raise NotReached("users.json is not an object of users by name")
        return users

    def store_users(self, users: dict[str, dict[str, Any]]) -> None:
        """Write `users.json`, where there is one."""
        try:
            with files.opened(self.root, self.folder, USERS, USERS_LIMIT, write=True) as descriptor:
                os.ftruncate(descriptor, 0)
                files.write(descriptor, json.dumps(users).encode())
        except (files.Unfit, OSError) as why:
            raise NotReached(f"users.json cannot be written: {why}") from why

    # -- the database ------------------------------------------------------------------------

    @property
    def in_database(self) -> bool:
        """Whether accounts are kept in a database."""
        return bool(self.url) or os.path.lexists(self.folder / NAME)

    def rows(self, question: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows that an SQL question finds, each by its columns' names.

        A `?` stands for each of the values.
        """
        if self.on_server:
            with self._postgres(question, values) as cursor:
                names = [column[0] for column in cursor.description]
                found = cursor.fetchmany(MOST_ROWS + 1)
            if len(found) > MOST_ROWS:
                raise NotReached(f"`{question}` finds more than {MOST_ROWS:,} rows")
        else:
            names, found = self._asked("rows", question, values)
        return [dict(zip(names, row, strict=True)) for row in found]

    def change(self, statement: str, *values: Any) -> int:
        """Carry out an SQL statement; return how many rows it changed."""
        if self.on_server:
            with self._postgres(statement, values) as cursor:
                return int(cursor.rowcount)
        return int(self._asked("change", statement, values))

    @property
    def on_server(self) -> bool:
        """Whether the database is PostgreSQL's."""
        return self.url.startswith("postgresql")

    def _asked(self, do: str, *question: Any) -> Any:
        if not os.path.lexists(self.folder / NAME):
            raise NotReached("there is no database app.db in DATA_DIR")
        try:
            return SHARED.ask(do, self.root, self.folder, *question)
        except Lost as why:
            raise NotReached(f"the database cannot be opened: {why}") from why
        except Refused as why:
            raise NotReached(str(why)) from why

    def forget(self) -> None:
        """Let go of the SQLite file, if it was ever asked."""
        SHARED.forget(self.root, self.folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody write to the SQLite file meanwhile, as another process's write would.

        Another store, or a file that cannot be locked, stays as it is.
        """
        held = False
        if not self.on_server:
            with suppress(NotReached):
                self._asked("lock")
                held = True
        try:
            yield
        finally:
            if held:
                with suppress(NotReached):
                    self._asked("unlock")

    @contextmanager
    def _postgres(self, statement: str, values: tuple[Any, ...]) -> Iterator[Any]:
        import psycopg  # an extra: whoever names such a database has it

        try:
            with psycopg.connect(self.url.replace("+psycopg", "", 1)) as connection:
                yield connection.execute(statement.replace("?", "%s").encode(), values)
        except psycopg.Error as error:
            raise NotReached(f"the database refuses `{statement}`: {error}") from error

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
