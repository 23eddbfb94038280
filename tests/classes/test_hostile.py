"""Every hostile submission gets its own verdict, and nothing else: no point, no sight, no trace.

Each stands in tests/hostile as the `app.py` of a lesson, or as a folder of files (a name that ends
in `.txt` loses that ending). Comments at its top say what must come of it.
"""

from __future__ import annotations

import base64
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbook import tree
from workbook.authoring.cut import answer_files
from workbook.classroom.worker import BOUNDS, graded
from workbook.grading.engine import Bounds
from workbook.running.caps import Caps
from workbook.running.contain import Walls
from workbook.running.processes import descendants
from workbook.running.server import Launcher, launcher

CORPUS = tree.CHECKS / "hostile"
HERE, PORT, ABSTRACT = b"/where/the/canary/is", b"65001", b"workbook-canary"
"""What stands in a submission for the folder, the port and the socket that it must not reach."""
FULL = 10
NEEDS: dict[str, Callable[[Walls], bool]] = {
    "": lambda walls: True,
    "a network of its own": lambda walls: walls.rung == "B" or walls.apart,
    "a user of its own": lambda walls: "an ordinary user" in walls.mechanisms,
    "another user, or all else read-only": lambda walls: bool(
        {"an ordinary user", "mounts: all else is read-only"} & set(walls.mechanisms)
    ),
}
"""What the walls of a system may lack that stop a submission."""


@dataclass(frozen=True)
class Hostile:
    """One submission and what must come of it."""

    name: str
    files: dict[str, bytes]
    said: dict[str, str]

    @property
    def lesson(self) -> tree.Lesson:
        """The lesson that it pretends to answer."""
        return tree.lesson(self.said.get("lesson", "1"))

    @property
    def bounds(self) -> Bounds:
        """What it may use: less than usual, where it would only be slow to take it all."""
        seconds = float(self.said.get("seconds", 0))
        name, _, most = self.said.get("caps", "").partition("=")
        caps = Caps(**{name: int(most)}) if name else BOUNDS.caps
        return Bounds(seconds or BOUNDS.start, seconds or BOUNDS.lesson, caps)

    def task(self, places: dict[bytes, bytes]) -> dict[str, Any]:
        """Return what a worker is asked to grade; `places` are put in for the words above."""
        files = dict(answer_files(self.lesson))
        for name, content in self.files.items():
            for word, place in places.items():
                content = content.replace(word, place)
            files[name.removesuffix(".txt")] = content
        return asked(self.lesson, files)


def asked(lesson: tree.Lesson, files: dict[str, bytes]) -> dict[str, Any]:
    encoded = {name: base64.b64encode(content).decode() for name, content in files.items()}
    return {"name": "someone", "seed": "a seed", "lessons": {lesson.package: encoded}}


def corpus() -> list[Hostile]:
    found = []
    for place in sorted(CORPUS.iterdir()):
        app = place / "app.py" if place.is_dir() else place
        if not app.is_file() or "__pycache__" in app.parts:
            continue
        inner = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else []
        files = {path.relative_to(place).as_posix(): path.read_bytes() for path in inner}
        said = dict(re.findall(r"^# ([a-z ]+): (.*)$", app.read_text("utf-8"), re.MULTILINE))
        found.append(Hostile(place.stem, files or {"app.py": app.read_bytes()}, said))
    return found


@dataclass(frozen=True)
class Ground:
    """Where the submissions are graded: a launcher, what it may not touch, who was there before."""

    warm: Launcher
    canary: Path
    places: dict[bytes, bytes]
    processes: int

    @property
    def rung(self) -> str:
        """The rung of the walls."""
        return self.warm.walls.rung

    def state(self) -> dict[str, tuple[bytes, int, int]]:
        """Return all that the canary is: content, mode and time of every file."""
        files = [path for path in self.canary.rglob("*") if path.is_file()]
        return {
            str(path): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
            for path in files
        }


def fill(canary: Path) -> None:
    first = tree.lesson(1)
    for name, text in {
        f"solutions/{first.package}/app.py": "CANARY",
        "tests/lesson_01/test_profile.py": "CANARY",
        f"class/alice/lessons/{first.package}/app.py": "CANARY",
        "out/journal.jsonl": "CANARY",
        "out/users.json": '{"alice": {"username": "CANARY", "disabled": false}}',
    }.items():
        (canary / name).parent.mkdir(parents=True, exist_ok=True)
        (canary / name).write_text(text)
    for path in (canary, *canary.rglob("*")):  # on rung B even what all may read is shut
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture(scope="module", params=["B", "A"])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Give a launcher with the walls of a rung, or skip where they do not stand."""
    canary = tmp_path_factory.mktemp("canary")
    fill(canary)
    with ExitStack() as closing:
        mine = closing.enter_context(pytest.MonkeyPatch.context())
        mine.setenv("WORKBOOK_RUNG", request.param)
        mine.setenv("CANARY_SECRET", "CANARY")
        warm = launcher(contained=True)
        closing.callback(warm.close)
        if warm.walls.rung != request.param:
            pytest.skip(f"skipped: rung {request.param} does not stand here ({warm.walls})")
        name = f"{ABSTRACT.decode()}-{os.getpid()}"
        listening = [closing.enter_context(one) for one in services(canary, name)]
        port = str(listening[0].getsockname()[1])
        places = {HERE: str(canary).encode(), PORT: port.encode(), ABSTRACT: name.encode()}
        honest(warm)
        yield Ground(warm, canary, places, len(descendants(warm.pid)))


def services(canary: Path, name: str) -> Iterator[socket.socket]:
    """Give what a submission may not reach: a port, a socket file, an abstract one, datagrams."""
    port = socket.socket()
    port.bind(("127.0.0.1", 0))
    port.listen()
    yield port
    for what, kind in (("service", socket.SOCK_STREAM), ("datagrams", socket.SOCK_DGRAM)):
        file = socket.socket(socket.AF_UNIX, kind)
        file.bind(str(canary / f"{what}.sock"))
        (canary / f"{what}.sock").chmod(0o777)
        if kind == socket.SOCK_STREAM:
            file.listen()
        yield file
    if os.path.exists("/proc/self"):
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0{name}")
        abstract.listen()
        yield abstract


def honest(warm: Launcher) -> None:
    lesson = tree.lesson(1)
    found = graded(asked(lesson, answer_files(lesson)), warm)[lesson.package]
    assert (found["points"], found["status"]) == (FULL, "graded"), found


def messages(found: dict[str, Any]) -> str:
    return "\n".join(check["message"] for check in found["checks"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="skipped: no walls on this system")
@pytest.mark.parametrize("one", corpus(), ids=lambda one: one.name)
def test_it_gets_its_own_verdict_and_nothing_else(one: Hostile, ground: Ground) -> None:
    if one.said.get("only on rung", ground.rung) != ground.rung:
        pytest.skip("skipped: rung A does not stop it")
    if not NEEDS[one.said.get("needs", "")](ground.warm.walls):
        pytest.skip(f"skipped: it takes {one.said['needs']}")
    before = ground.state()
    found = graded(one.task(ground.places), ground.warm, one.bounds)[one.lesson.package]
    told = messages(found)
    assert (found["points"], found["status"]) == (int(one.said["points"]), one.said["status"]), told
    assert "CANARY" not in told
    assert '"loot"' not in told
    assert "\x1b" not in told
    assert one.said.get("says", "") in told
    assert ground.state() == before
    honest(ground.warm)
    assert len(descendants(ground.warm.pid)) == ground.processes


def test_there_are_enough_and_each_says_what_it_tries() -> None:
    assert len(corpus()) >= 40
    for one in corpus():
        assert one.files["app.py"].startswith(b'"""'), one.name
        assert {"points", "status"} <= set(one.said), one.name
