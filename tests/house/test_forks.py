"""Forks that are made ahead: a server starts from one, and none outlives what it may have met."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook import tree
from workbook.running.launch import ForkLauncher, Lost
from workbook.running.server import Server, job_for
from workbook.running.server import launcher as any_launcher
from workbook.running.zygote import AHEAD

LESSON = tree.lessons()[0]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="skipped: the system does not list children"
)


@pytest.fixture
def launcher() -> Iterator[ForkLauncher]:
    one = ForkLauncher()
    yield one
    one.close()


def children(launcher: ForkLauncher) -> set[int]:
    pid = launcher._zygote.pid
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def made_ahead(launcher: ForkLauncher) -> set[int]:
    """Wait until all forks are made."""
    while len(found := children(launcher)) < AHEAD:
        assert launcher._zygote.poll() is None
    return found


def server(launcher: ForkLauncher, home: Path) -> Server:
    home.mkdir()
    return Server(launcher, job_for(tree.SOLUTIONS, LESSON.package, home, {}), home=home)


def test_a_server_starts_from_a_fork_made_ahead(launcher: ForkLauncher, tmp_path: Path) -> None:
    waiting = made_ahead(launcher)
    servers = [server(launcher, tmp_path / name) for name in "abc"]
    for one in servers:
        one.start()
    started = [one.process.pid for one in servers]  # type: ignore[union-attr]
    assert set(started[:AHEAD]) == waiting
    assert started[AHEAD] not in waiting
    for one in servers:
        one.close()


def test_a_fork_that_met_a_submission_serves_no_other(
    launcher: ForkLauncher, tmp_path: Path
) -> None:
    waiting = made_ahead(launcher)
    one = server(launcher, tmp_path / "a")
    one.start()
    one.close()
    assert not made_ahead(launcher) & waiting


def test_a_fork_that_was_killed_costs_no_start(launcher: ForkLauncher, tmp_path: Path) -> None:
    for pid in made_ahead(launcher):
        os.kill(pid, signal.SIGKILL)
        # Its socket is closed when its last thread has gone, which may be after the first.
        while len(os.listdir(f"/proc/{pid}/task")) > 1:
            continue
        while ") Z " not in Path(f"/proc/{pid}/stat").read_text():
            continue
    one = server(launcher, tmp_path / "a")
    one.start()
    one.close()


def test_no_fork_outlives_its_launcher() -> None:
    launcher = ForkLauncher()
    waiting = made_ahead(launcher)
    launcher.close()
    with pytest.raises(Lost):
        launcher.ask({"do": "status", "pid": 1})
    for pid in waiting:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


OWN_PROCESS = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

with ProcessPoolExecutor(1, get_context("spawn")) as pool:
    assert pool.submit(abs, -7).result() == 7


async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
"""


@pytest.mark.parametrize("fork", ["1", "0"])
def test_a_lesson_may_start_processes_as_any_program(
    fork: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hashes in them, say. They know nothing of the program that serves it."""
    monkeypatch.setenv("WORKBOOK_FORK", fork)
    place, home = tmp_path / "lessons" / LESSON.package, tmp_path / "home"
    place.mkdir(parents=True)
    (place / "__init__.py").touch()
    (place / "app.py").write_text(OWN_PROCESS)
    warm = any_launcher()
    try:
        one = Server(warm, job_for(place.parent, LESSON.package, home, {}), home=home)
        one.start()
        one.close()
    finally:
        warm.close()
