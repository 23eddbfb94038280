"""Code that wants points without the work, or wants no verdict at all, gets its own verdict."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook import tree
from workbook.authoring import corpus
from workbook.grading.engine import Run
from workbook.grading.report import Report, grade
from workbook.running.server import Launcher

FIRST, LAST = tree.lessons()[0], tree.lessons()[-1]
STORES = {one: one.solution / "store.py" for one in tree.lessons()}
FILED = [one for one, path in STORES.items() if path.exists() and "users.json" in path.read_text()][
    -1
]
"""The last lesson that keeps its users in a file."""


@pytest.fixture
def lessons(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of lessons that holds one answer: the last lesson's, unless a test names another."""
    with corpus.written(getattr(request, "param", LAST)) as folder:
        yield folder


def append(folder: Path, lesson: tree.Lesson, code: str) -> None:
    path = folder / lesson.package / "app.py"
    path.write_text(path.read_text("utf-8") + code, "utf-8")


def verdict(folder: Path, lesson: tree.Lesson, warm: Launcher) -> Report:
    report = grade(lesson, folder, warm, slow=False)
    assert "fault of ours" not in {one.word for one in report.outcomes}, report.message()
    return report


def test_a_link_is_no_lesson(lessons: Path, tmp_path: Path, warm: Launcher) -> None:
    linked = tmp_path / "lessons"
    linked.mkdir()
    (linked / LAST.package).symlink_to(lessons / LAST.package)
    report = verdict(linked, LAST, warm)
    assert report.points == 0
    assert "holds a link" in report.message()


def test_the_answers_cannot_be_imported_by_name(lessons: Path, warm: Launcher) -> None:
    app = lessons / LAST.package / "app.py"
    app.write_text(f"from solutions.{LAST.package}.app import app\n", "utf-8")
    report = verdict(lessons, LAST, warm)
    assert report.points == 0
    assert "No module named 'solutions'" in report.message()


@pytest.mark.parametrize("told", ['{"x": 1}', '{"event": "broken", "file": 3}', "[" * 9000, "\xff"])
def test_what_is_told_on_the_pipe_cannot_stop_the_grader(
    told: str, lessons: Path, warm: Launcher
) -> None:
    everywhere = f"""
import os
for number in range(3, 64):
    try:
        os.write(number, {told!r}.encode("latin-1") + b"\\n")
    except OSError:
        pass
"""
    append(lessons, LAST, everywhere)
    report = verdict(lessons, LAST, warm)
    # Who tells that the app is broken is believed; nothing else changes a verdict.
    assert report.done or "broken" in told, report.message()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="skipped: no named pipes on this system")
@pytest.mark.parametrize("lessons", [FILED], indirect=True)
def test_a_store_that_blocks_its_reader_is_not_read(lessons: Path, warm: Launcher) -> None:
    trap = """
import os
from .settings import DATA_DIR
os.mkfifo(DATA_DIR / "pipe") if DATA_DIR.is_dir() else DATA_DIR.mkdir()
if not (DATA_DIR / "users.json").exists():
    os.mkfifo(DATA_DIR / "users.json")
"""
    app = lessons / FILED.package / "store.py"
    app.write_text(app.read_text("utf-8").replace("USERS = DATA_DIR", "USERS = DATA_DIR / '..'"))
    append(lessons, FILED, trap)
    report = verdict(lessons, FILED, warm)
    assert not report.done
    assert "users.json" in "".join(report.message(one) for one in report.outcomes if not one.passed)


def test_a_store_of_nested_lists_is_told_as_such(lessons: Path, warm: Launcher) -> None:
    deep = """
from .settings import DATA_DIR
DATA_DIR.mkdir(parents=True, exist_ok=True)
@app.get("/deep")
def deep() -> None:
    (DATA_DIR / "users.json").write_text("[" * 60000)
"""
    append(lessons, LAST, deep)
    with Run(LAST, lessons, warm) as run:
        first = next(iter(run.checks))
        run.outcome(first)
        assert run.api is not None
        run.api.get("/deep")
        words = {run.outcome(name).word for name in run.checks if not run.checks[name].slow}
    assert "fault of ours" not in words


def test_refusing_everybody_is_red(lessons: Path, warm: Launcher) -> None:
    closed = """
async def refuse_all(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})
app = refuse_all
"""
    append(lessons, LAST, closed)
    report = verdict(lessons, LAST, warm)
    assert report.points == 0
    assert report.first is not None
    assert report.first.word == "failed"


def test_what_worked_before_costs_a_point_when_it_is_broken(warm: Launcher) -> None:
    broken = next(
        one
        for one in corpus.wrong_solutions(FIRST)
        if Run(FIRST, tree.SOLUTIONS, warm).checks[one.caught_by].points == 0
    )
    report = corpus.judged(FIRST, broken, warm)
    guards = [one for one in report.outcomes if not one.check.points and not one.passed]
    assert guards
    assert report.points <= report.max_points - len(guards)


def test_settings_of_a_submission_are_not_pytests(lessons: Path) -> None:
    (lessons.parent / "pytest.ini").write_text(
        "[pytest]\naddopts = -p workbook.grading.pytest_plugin\n"
    )
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--co", "-q"]
    for form in (["--submission", str(lessons.parent)], [f"--submission={lessons.parent}"]):
        done = subprocess.run(
            [*words, *form], cwd=tree.ROOT, capture_output=True, text=True, check=False
        )
        if len(form) == 2:
            assert done.returncode == pytest.ExitCode.USAGE_ERROR
            assert "--submission=DIR" in done.stderr
        else:
            assert done.returncode == 0, done.stderr


def test_a_messages_text_obeys_no_terminal(lessons: Path, warm: Launcher) -> None:
    painted = """
from starlette.responses import Response
@app.middleware("http")
async def paint(request, call_next):
    spoof = "\\x1b[2J\\x1b[31mall points\\r\\n"
    return Response(spoof, status_code=418, headers={"Location": "x" * 60000})
"""
    append(lessons, LAST, painted)
    report = verdict(lessons, LAST, warm)
    assert "\x1b" not in report.message()
    assert max(map(len, report.message().splitlines())) < 1000


def test_a_worker_starts_no_workers(pytestconfig: pytest.Config) -> None:
    from types import SimpleNamespace

    from workbook.grading.pytest_plugin import pytest_cmdline_main

    option = SimpleNamespace(
        numprocesses=None,
        usepdb=False,
        submission=None,
        solution=False,
        collectonly=False,
        dist="no",
    )
    config = SimpleNamespace(
        args_source=pytest.Config.ArgsSource.TESTPATHS, option=option, workerinput={}
    )
    steps = pytest_cmdline_main(config)
    next(steps)
    assert option.numprocesses is None
    del config.workerinput
    next(pytest_cmdline_main(config))
    assert option.numprocesses in (None, 3)
