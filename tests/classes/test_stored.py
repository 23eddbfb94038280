"""What a submission stored is read and changed without following it anywhere."""

# ruff: noqa: S608
from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from workbook.grading.stored import Stored
from workbook.grading.verdicts import NotReached
from workbook.storing import asker, database, files
from workbook.storing.asker import MOST_ROWS

CANARY = {"alice": {"password_hash": "the canary"}}
Ask = Callable[[Stored], object]
WAYS: dict[str, Ask] = {
    "users": lambda stored: stored.users(),
    "store_users": lambda stored: stored.store_users({"mallory": {}}),
    "disable": lambda stored: stored.disable("alice"),
    "remove": lambda stored: stored.remove("alice"),
}
QUESTIONS: dict[str, Ask] = {
    "rows": lambda stored: stored.rows("SELECT * FROM users WHERE username = ?", "alice"),
    "change": lambda stored: stored.change("UPDATE users SET disabled = 1"),
    "disable there": lambda stored: stored.disable("alice"),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a submission's own folder with users and a database in it, and a canary outside."""
    inside = tmp_path / "home/inside"
    (inside / "data").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    for place in (inside / "data", tmp_path / "outside"):
        (place / "users.json").write_text(json.dumps(CANARY))
        fill(place / "app.db")
    return tmp_path / "home"


def fill(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE users (username TEXT, disabled BOOLEAN)")
    connection.execute("INSERT INTO users VALUES ('alice', 0)")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def stored(home: Path) -> Stored:
    return Stored(home / "inside/data", "", home)


class InProcess:
    """Asks the database in this process, where a test can come between."""

    def __init__(self) -> None:
        self._desk = asker.Desk()

    def ask(self, *sent: Any) -> Any:
        """Answer as an Asker does."""
        answer = self._desk.answer(json.dumps(sent, default=os.fspath))
        if "refused" in answer:
            raise asker.Refused(answer["refused"])
        return answer["answer"]


@pytest.fixture
def in_process(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no other process ask the database."""
    here = InProcess()
    monkeypatch.setattr("workbook.grading.stored.SHARED", here)
    yield
    here.ask("forget", home, home / "inside/data")


def outside(home: Path) -> dict[str, bytes]:
    here = home.parent / "outside"
    return {path.name: path.read_bytes() for path in here.iterdir() if path.is_file()}


def linked_folder(home: Path) -> None:
    data = home / "inside/data"
    data.rename(home / "inside/before")
    data.symlink_to(home.parent / "outside")


def linked_parent(home: Path) -> None:
    (home / "inside").rename(home / "before")
    (home.parent / "outside/data").symlink_to(home.parent / "outside")
    (home / "inside").symlink_to(home.parent / "outside")


def linked_file(home: Path) -> None:
    for name in ("users.json", "app.db"):
        (home / "inside/data" / name).unlink()
        (home / "inside/data" / name).symlink_to(home.parent / "outside" / name)


def second_name(home: Path) -> None:
    for name in ("users.json", "app.db"):
        (home / "inside/data" / name).unlink()
        (home / "inside/data" / name).hardlink_to(home.parent / "outside" / name)


def pipe(home: Path) -> None:
    for name in ("users.json", "app.db"):
        (home / "inside/data" / name).unlink()
        os.mkfifo(home / "inside/data" / name)


def folder(home: Path) -> None:
    for name in ("users.json", "app.db"):
        (home / "inside/data" / name).unlink()
        (home / "inside/data" / name).mkdir()


def huge(home: Path) -> None:
    for name in ("users.json", "app.db"):
        os.truncate(home / "inside/data" / name, 10**12)


def gone(home: Path) -> None:
    (home / "inside/data").rename(home / "inside/elsewhere")


TRICKS = [linked_folder, linked_parent, linked_file, second_name, pipe, folder, huge, gone]


@pytest.mark.skipif(not files.STEPWISE, reason="skipped: no way to open without following links")
@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("way", [*WAYS, *QUESTIONS])
def test_a_trick_with_files_is_not_reached(
    home: Path, way: str, trick: Callable[[Path], None]
) -> None:
    trick(home)
    if way in WAYS and os.path.lexists(home / "inside/data/app.db"):
        there = home / "inside/data/app.db"
        there.rmdir() if there.is_dir() and not there.is_symlink() else there.unlink()
    before = outside(home)
    with pytest.raises(NotReached):
        (WAYS | QUESTIONS)[way](stored(home))
    assert outside(home) == before


def test_what_is_plain_is_read_and_changed(home: Path) -> None:
    place = stored(home)
    assert place.users() == CANARY
    assert set(place.files()) == {"users.json", "app.db"}
    assert place.rows("SELECT username FROM users") == [{"username": "alice"}]
    assert place.change("UPDATE users SET disabled = ? WHERE username = ?", True, "alice") == 1
    place.disable("alice")
    assert place.rows("SELECT disabled FROM users")[0]["disabled"] == 1
    place.remove("alice")
    assert place.rows("SELECT * FROM users") == []
    (place.folder / "app.db").unlink()
    place.disable("alice")
    assert place.users()["alice"]["disabled"] is True
    place.remove("alice")
    assert place.users() == {}


def test_what_is_written_ahead_is_read_too(home: Path) -> None:
    """Another process has the file open, as the service has, and moves nothing over yet."""
    connection = sqlite3.connect(home / "inside/data/app.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("INSERT INTO users VALUES ('bob', 0)")
    connection.commit()
    assert len(stored(home).rows("SELECT * FROM users")) == 2
    assert stored(home).change("UPDATE users SET disabled = 1") == 2
    assert connection.execute("SELECT count(*) FROM users WHERE disabled").fetchone() == (2,)
    connection.close()


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_what_goes_while_it_is_looked_for_is_not_missed(
    home: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service with a connection for each request makes and removes these files all the time."""
    beside, opened = home / f"inside/data/app.db{ending}", files.opened

    def gone_when_opened(
        root: Path, folder: Path, name: str, *rest: Any, **more: Any
    ) -> AbstractContextManager[int]:
        if name == beside.name:
            beside.unlink(missing_ok=True)
        return opened(root, folder, name, *rest, **more)

    monkeypatch.setattr(files, "opened", gone_when_opened)
    place = stored(home)
    beside.touch()
    assert place.change("UPDATE users SET disabled = 1") == 1
    beside.touch()
    assert place.rows("SELECT disabled FROM users") == [{"disabled": 1}]


@pytest.mark.usefixtures("in_process")
def test_a_write_between_two_readings_is_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one file would be of the time before it, and the next one of the time after it."""
    service = sqlite3.connect(home / "inside/data/app.db")
    service.execute("PRAGMA journal_mode=WAL")
    read, names = database._read, iter(("bob", "carol"))

    def written_meanwhile(root: Path, folder: Path, name: str) -> bytes:
        if name == "app.db" and (new := next(names, "")):  # what is written ahead was read already
            service.execute("INSERT INTO users VALUES (?, 0)", (new,))
            service.commit()
        return read(root, folder, name)

    monkeypatch.setattr(database, "_read", written_meanwhile)
    assert len(stored(home).rows("SELECT * FROM users")) == 3
    service.close()


def test_who_asks_is_ended_when_a_question_knows_no_clock(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite looks at the clock between its steps, and one step can be as long as one likes."""
    monkeypatch.setattr(asker, "ANSWER_SECONDS", 0.2)
    (home / "inside/data/app.db").unlink()
    haystack, needle = "hex(zeroblob(499999))", "hex(zeroblob(249999)) || '1'"
    view = f"CREATE VIEW users AS SELECT instr({haystack}, {needle}) AS username, 0 AS disabled"
    fill(home / "inside/data/app.db", "ALTER TABLE users RENAME TO t", view)
    with pytest.raises(NotReached, match="it holds whoever opens it"):
        stored(home).rows("SELECT username FROM users")
    monkeypatch.undo()
    assert stored(home).rows("SELECT username FROM t") == [{"username": "alice"}]


def ended() -> subprocess.Popen[bytes]:
    """Give a process that has ended."""
    one = subprocess.Popen([sys.executable, "-c", ""], stdin=-1, stdout=-1)
    one.wait()
    return one


def test_who_asks_is_made_anew_when_it_was_killed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = asker.Asker()
    ask = ("rows", home, home / "inside/data", "SELECT username FROM users", [])
    try:
        assert shared.ask(*ask) == [["username"], [["alice"]]]
        assert shared._process
        shared._process.kill()
        shared._process.wait()
        assert shared.ask(*ask) == [["username"], [["alice"]]]
        # One that ends in the middle is followed by another, and that one's end is told.
        begun, ends = asker._begun, [True, False, True, True]
        monkeypatch.setattr(asker, "_begun", lambda: ended() if ends.pop(0) else begun())
        shared.close()
        assert shared.ask(*ask) == [["username"], [["alice"]]]
        shared.close()
        with pytest.raises(asker.Lost):
            shared.ask(*ask)
        assert ends == []
    finally:
        shared.close()


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
HOSTILE = {
    "an endless view": ["ALTER TABLE users RENAME TO t", f"CREATE VIEW users AS {ENDLESS} "
        "SELECT x AS username, 0 AS disabled FROM c WHERE x < 0"],
    "too many rows": ["ALTER TABLE users RENAME TO t", f"CREATE VIEW users AS {ENDLESS} "
        f"SELECT 'alice' AS username, 0 AS disabled FROM c LIMIT {MOST_ROWS + 1}"],
    "a value without end": ["ALTER TABLE users RENAME TO t", "CREATE VIEW users AS "
        "SELECT 'alice' AS username, zeroblob(500000000) AS disabled"],
    "a text that is none": ["UPDATE users SET disabled = CAST(x'ff' AS TEXT)"],
    "an endless trigger": ["CREATE TRIGGER t AFTER UPDATE ON users BEGIN "
        f"INSERT INTO users {ENDLESS} SELECT x, 0 FROM c WHERE x < 0; END"],
    "a trigger that calls itself": ["PRAGMA recursive_triggers=ON", "CREATE TRIGGER t AFTER UPDATE "
        "ON users BEGIN UPDATE users SET disabled = disabled + 1; END"],
    "no table": ["DROP TABLE users"],
}  # fmt: skip


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("statements", HOSTILE.values(), ids=HOSTILE)
def test_a_database_made_to_harm_is_not_reached(
    home: Path, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "QUESTION_SECONDS", 0.2)
    (home / "inside/data/app.db").unlink()
    fill(home / "inside/data/app.db", *statements)
    for ask in QUESTIONS.values():
        try:
            ask(stored(home))  # some harm reads alone, some harm changes alone
        except NotReached:
            continue
    assert outside(home)["users.json"] == json.dumps(CANARY).encode()


def test_bytes_that_are_no_database_are_not_reached(home: Path) -> None:
    for content in (b"", b"x" * 5000, (home / "inside/data/app.db").read_bytes()[:4000]):
        (home / "inside/data/app.db").write_bytes(content)
        for ask in QUESTIONS.values():
            with pytest.raises(NotReached):
                ask(stored(home))


@pytest.mark.parametrize("ending", ["-journal", "-wal"])
@pytest.mark.parametrize("kind", ["link", "pipe", "names another"])
def test_a_journal_made_to_harm_is_not_followed(home: Path, ending: str, kind: str) -> None:
    beside = home / f"inside/data/app.db{ending}"
    if kind == "link":
        beside.symlink_to(home.parent / "outside/users.json")
    elif kind == "pipe":
        os.mkfifo(beside)
    elif ending == "-wal":
        pytest.skip("skipped: this kind names no other file")
    else:
        beside.write_bytes(
            b"\0" * 512 + b"/etc/x" + b"\0\0\0\x06" + b"\0" * 4 + database.JOURNAL_END
        )
    before = outside(home)
    for ask in QUESTIONS.values():
        with pytest.raises(NotReached):
            ask(stored(home))
    assert outside(home) == before


@pytest.mark.usefixtures("in_process")
def test_a_file_that_is_exchanged_while_it_is_opened_is_not_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The submission still runs: it puts a link there between the look and the change."""
    connect = sqlite3.connect

    def exchanged(path: Path) -> sqlite3.Connection:
        path.unlink()
        path.symlink_to(home.parent / "outside/app.db")
        return connect(path)

    monkeypatch.setattr(database.sqlite3, "connect", exchanged)
    before = outside(home)
    with pytest.raises(NotReached):
        stored(home).change("DELETE FROM users")
    assert outside(home) == before


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", '{"alice": 1}', "{", "\udcff"])
def test_users_of_another_form_are_not_reached(home: Path, content: str) -> None:
    (home / "inside/data/users.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    for way in ("users", "disable"):
        (home / "inside/data/app.db").unlink(missing_ok=True)
        with pytest.raises(NotReached):
            WAYS[way](stored(home))


def test_folders_in_folders_and_shut_ones_end_the_look(home: Path) -> None:
    place = home / "inside/data"
    for _ in range(60):
        place = place / "d"
        place.mkdir()
    with pytest.raises(NotReached, match="in one another"):
        stored(home).files()


def test_a_file_of_root_is_not_read_for_its_folders_owner(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("skipped: only root has more rights than the owner")
    for path in (home, home / "inside", home / "inside/data"):
        path.chmod(0o711)
        os.chown(path, 250_000, 250_000) if path != home else None
    (home / "inside/data/users.json").chmod(0o600)
    home.parent.chmod(0o755)
    assert stat.S_IMODE((home / "inside/data/users.json").stat().st_mode) == 0o600
    with pytest.raises(NotReached):
        stored(home).users()
