"""The learner's commands do what they promise (DESIGN §2), and pytest's own ways keep working."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from house.leftovers import processes_at
from workbook import tree
from workbook.authoring import corpus
from workbook.authoring.cut import answer_files
from workbook.cli import main, show
from workbook.grading.report import grade
from workbook.learning.progress import Progress
from workbook.learning.watch import verdicts
from workbook.running.server import Address, Launcher
from workbook.talking.client import Client

MINE, TWIN = "lesson_01_open_profile", "lesson_02_twin"
LIMIT = 60.0
"""Seconds after which something that must come does not come any more."""
LATE = '    raise HTTPException(404, "No such profile")'


@pytest.fixture
def lent(warm: Launcher, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """The session's launcher, for commands that would make one of their own and close it."""
    monkeypatch.setattr(warm, "close", lambda: None)
    monkeypatch.setattr("workbook.running.server.launcher", lambda: warm)
    return warm


def run(*words: str) -> tuple[int, str]:
    """Run a command in this process; return its exit code and what it printed."""
    done = CliRunner().invoke(main.cli, words)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.stderr == ""
    return done.exit_code, done.stdout


def program(clone: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m …` in the clone, as its learner would."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=clone,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


def solve(number: int, name: str = "") -> None:
    """Put the answer into a lesson of the clone, or a wrong solution of lesson 1."""
    lesson = tree.lesson(number)
    files = answer_files(lesson)
    wrong = {one.name: one for one in corpus.wrong_solutions(corpus_lesson())}
    for edit in wrong[name].edits if name else ():
        files[edit.file] = files[edit.file].replace(edit.find.encode(), edit.replace.encode())
    for file, content in files.items():
        (lesson.starter / file).write_bytes(content)


def corpus_lesson() -> tree.Lesson:
    """Return the real lesson 1, whose corpus is at hand."""
    return tree.lesson(1)


@pytest.fixture
def clone(clone: Path) -> Path:
    """The clone with the real lesson's corpus."""
    shutil.copytree(REAL_CORPUS, clone / "tests/corpus/lesson_01")
    return clone


REAL_CORPUS = tree.CHECKS / "corpus/lesson_01"
WRONG = "private fields emptied instead of left out"


# -- in one screen ---------------------------------------------------------------------------


def test_the_map_of_the_real_lessons_fits_a_screen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    show.lesson_map(Progress(tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) < 80
    assert len(lines) == len(tree.lessons()) + 3
    assert not [line for line in lines[:-3] if "…" in line[5:53]], "a question is cut off"


def test_the_map_says_what_is_done_begun_and_next(clone: Path, lent: Launcher) -> None:
    code, out = run()
    assert code == 0
    assert out.splitlines()[-1] == "  uv run workbook start 1"
    solve(1)
    assert run()[1].splitlines()[0].startswith(" …  1  Who can read your profile?")
    assert run()[1].splitlines()[0].endswith("  begun")
    run("check", "1")
    first, second, *_, last = run()[1].splitlines()
    assert first.startswith(" ✓  1  ")
    assert first.endswith(" 10/10  done")
    assert second.startswith("    2  ")
    assert last == "  uv run workbook start 2"
    solve(2)
    run("check")
    assert run()[1].splitlines()[-1] == "Every lesson is done."


# -- check -----------------------------------------------------------------------------------


def test_check_prints_a_verdict_and_its_exit_code_says_whether_it_is_done(
    clone: Path, lent: Launcher
) -> None:
    code, out = run("check")
    assert (code, out) == (0, "No lesson is begun yet. Start with: uv run workbook start\n")
    code, out = run("check", "1")
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("Lesson 1: An open profile ")
    assert lines[0].endswith(" 0 of 10 points")
    assert max(map(len, lines[:10])) < 80
    assert lines[1] == "  ✓ A profile is found by its name"
    assert lines[4] == "  ✗ An unknown name is answered with 404  failed"
    assert lines[10:13] == ["", "Look at this first:", "✗ An unknown name is answered with 404 "
                            "(task 1, 2 points)"]  # fmt: skip
    assert len(lines[12:]) <= 8
    assert out.count("expected 404, got 200") == 1
    solve(1)
    code, out = run("check", "01")
    assert code == 0
    assert out.splitlines()[0].endswith(" 10 of 10 points")
    assert out.splitlines()[-1] == "  Everything holds."


def test_check_without_a_number_grades_what_is_begun(clone: Path, lent: Launcher) -> None:
    solve(2)
    code, out = run("check")
    assert code == 0
    assert "Lesson 2" in out
    assert "Lesson 1" not in out


def test_check_solution_leaves_my_progress_alone(clone: Path, lent: Launcher) -> None:
    code, out = run("check", "--solution")
    assert code == 0
    assert out.count("Everything holds.") == 2
    assert not tree.VAR.exists()


def test_all_messages_are_all(clone: Path, lent: Launcher) -> None:
    _, out = run("check", "1", "--all-messages")
    assert out.count("came back:") == 3
    assert out.count("  not reached: ") == 3
    assert "Look at this first" not in out


def test_json_has_the_documented_form(clone: Path, lent: Launcher) -> None:
    solve(1, WRONG)
    solve(2)
    file = clone / "mine.json"
    assert run("check", "--json", str(file))[0] == 1
    whole = json.loads(file.read_text("utf-8"))
    assert set(whole) == {"format_version", "submission", "lessons"}
    assert (whole["format_version"], whole["submission"]) == (1, "mine")
    first, second = whole["lessons"]
    assert set(first) == {"number", "points", "max_points", "checks"}
    assert (first["number"], first["points"], first["max_points"]) == (1, 8, 10)
    assert (second["number"], second["points"], second["max_points"]) == (2, 10, 10)
    for one in first["checks"] + second["checks"]:
        assert set(one) == {"id", "title", "task", "points", "max_points", "outcome", "message"}
        assert (one["message"] == "") == (one["outcome"] == "passed")
    bad = first["checks"][-1]
    assert (bad["id"], bad["task"], bad["points"]) == ("public_view_is_exact", 2, 0)
    assert (bad["max_points"], bad["outcome"]) == (2, "failed")
    assert "looks like: you blank the private fields" in bad["message"]


# -- one verdict, whatever the way -----------------------------------------------------------


def test_the_verdict_is_the_same_in_every_way(clone: Path) -> None:
    solve(1, "unknown name crashes")
    (clone / "elsewhere").mkdir()
    shutil.copytree(tree.LESSONS, clone / "elsewhere/lessons")

    def by_check(fork: str) -> dict[str, Any]:
        words = ("workbook", "check", "1", "--json", f"{fork}.json")
        done = program(clone, *words, WORKBOOK_FORK=fork)
        assert done.returncode == 1, done.stderr
        found: dict[str, Any] = json.loads((clone / f"{fork}.json").read_text())
        return {one["id"]: (one["outcome"], one["points"], one["message"])
                for one in found["lessons"][0]["checks"]}  # fmt: skip

    def by_pytest(*words: str, fork: str) -> dict[str, Any]:
        path = clone / f"{fork}{len(words)}.xml"
        given = ("tests/lesson_01", f"--junitxml={path}", *words)
        program(clone, "pytest", "-q", "-p", "no:cacheprovider", *given, WORKBOOK_FORK=fork)
        found = {}
        for case in ElementTree.parse(path).iter("testcase"):  # noqa: S314
            said = {one.get("name"): one.get("value") for one in case.iter("property")}
            failure = case.find("failure")
            text = (failure.text or "") if failure is not None else None
            key = str(case.get("name")).removeprefix("test_")
            found[key] = (said["outcome"], int(str(said["points"])), text)
        return found

    ways: list[Callable[[], dict[str, Any]]] = [
        lambda: by_check("1"),
        lambda: by_check("0"),
        lambda: by_pytest(fork="1"),
        lambda: by_pytest(fork="0"),
        lambda: by_pytest("-n", "2", fork="1"),
        lambda: by_pytest("--submission", "elsewhere", "-x", "-rs", fork="1"),
    ]
    with ThreadPoolExecutor(2) as pool:
        cold, spare, plain, plain_spare, spread, handed_in = pool.map(lambda way: way(), ways)
    assert cold == spare
    for found in (plain, plain_spare, spread):
        assert found.keys() == cold.keys()
    for found in (plain, plain_spare, spread, handed_in):
        for key, (word, points, text) in found.items():
            assert (word, points) == cold[key][:2]
            assert text is None or text == cold[key][2]


def within(seconds: float, act: Callable[[], Any]) -> Any:
    """Return what `act` returns, or fail when that takes too long."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(act()), daemon=True).start()
    return answers.get(timeout=seconds)


def test_watch_gives_the_cold_verdict_after_each_save(clone: Path, warm: Launcher) -> None:
    lesson, app = tree.lesson(1), tree.LESSONS / MINE / "app.py"
    found = verdicts(lesson, tree.LESSONS, warm)
    try:
        assert within(LIMIT, lambda: next(found)).points == 0
        for text in ("def (", answer_files(lesson)["app.py"].decode()):
            app.write_text(text)
            report = within(LIMIT, lambda: next(found))
            assert report.to_dict() == grade(lesson, tree.LESSONS, warm).to_dict()
            assert report.points == 0
        # Many editors write a new file and put it in the old one's place.
        draft = app.with_name("schemas.py.new")
        draft.write_bytes(answer_files(lesson)["schemas.py"])
        os.replace(draft, app.with_name("schemas.py"))
        assert within(LIMIT, lambda: next(found)).points == 10
        shutil.rmtree(app.parent)
        assert {one.word for one in within(LIMIT, lambda: next(found)).outcomes} == {"broken"}
        shutil.copytree(tree.LESSONS / TWIN, app.parent)
        while (report := within(LIMIT, lambda: next(found))).first.word == "broken":
            pass  # the folder may be seen before its files are
        assert report.points == 0
    finally:
        within(LIMIT, found.close)


class Lines:
    """A program in the clone whose lines are read as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line.rstrip("\n"))

    def until(self, start: str) -> list[str]:
        """Return the lines up to one that starts so."""
        found: list[str] = []
        while not found or not found[-1].startswith(start):
            found.append(self._lines.get(timeout=LIMIT))
        return found


@contextmanager
def started(clone: Path, *words: str) -> Iterator[Lines]:
    """Run a command that goes on until it is ended, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "workbook", *words],
        cwd=clone,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Lines(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == 143
    finally:
        process.kill()
        process.wait()


def test_watch_as_a_command(clone: Path) -> None:
    with started(clone, "watch", "1") as watching:
        assert " 0 of 10 points" in watching.until("Waiting for a save")[1]
        solve(1)
        lines = watching.until("  Everything holds.")
        cold = program(clone, "workbook", "check", "1").stdout.splitlines()
        assert lines[-len(cold) :] == cold


def free_port() -> int:
    """Return a port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_serve_starts_again_at_every_save(clone: Path) -> None:
    port = free_port()
    app = tree.LESSONS / MINE / "app.py"
    starter = app.read_text()
    address = f"http://127.0.0.1:{port}"

    def title() -> str:
        one = Client(Address(port=port))
        answered = one.send("GET", "/openapi.json").json
        one.close()
        return str(answered["info"]["title"])

    with started(clone, "serve", "1", "--port", str(port)) as serving:
        assert serving.until("Try it")[-2:] == [
            f"Lesson 1 is at {address}",
            f"Try it in the browser: {address}/docs   (Ctrl-C ends)",
        ]
        assert title() == "Profiles"
        app.write_text("def (:\n")
        said = "\n".join(serving.until("Save a change"))
        assert f"{MINE} does not start: app.py:1: SyntaxError: invalid syntax" in said
        app.write_text(starter.replace('"Profiles"', '"Anew"'))
        serving.until("Try it")
        assert title() == "Anew"


def test_serve_prints_the_traceback_of_a_fault(clone: Path) -> None:
    port = free_port()
    app = tree.LESSONS / MINE / "app.py"
    app.write_text(app.read_text().replace("PEOPLE.get(username", "PEOPLE.got(username"))
    with started(clone, "serve", "1", "--port", str(port)) as serving:
        serving.until("Try it")
        one = Client(Address(port=port))
        assert one.send("GET", "/profile?username=alice").status == 500
        one.close()
        told = serving.until("AttributeError: 'dict' object has no attribute 'got'")
        assert any(f'{MINE}{os.sep}app.py", line' in line for line in told)


# -- hint, diff, reset, pack, attack ---------------------------------------------------------


def test_hints_come_one_at_a_time_and_are_remembered(clone: Path) -> None:
    hints = tree.lesson(1).tasks[1].hints
    told = [run("hint", "1", "2")[1].splitlines() for _ in range(len(hints) + 1)]
    assert all(len(line) <= 80 for lines in told for line in lines)
    seen = [" ".join(lines[1:]).partition(" That is the last one.")[0] for lines in told]
    wanted = [f"Hint {n} of {len(hints)}: {text}" for n, text in enumerate(hints, 1)]
    assert seen == [*wanted, wanted[-1]]
    assert "Hint 1 of" in run("hint", "1")[1]
    assert "Hint 2 of" in run("hint", "1")[1]
    assert dict(Progress().of(1).hints) == {1: 2, 2: 3}


def test_a_verdict_forgets_no_hint(clone: Path, lent: Launcher) -> None:
    run("hint", "1")
    run("check", "1")
    assert "Hint 2 of" in run("hint", "1")[1]


def test_a_lesson_that_is_done_needs_no_hint(clone: Path, lent: Launcher) -> None:
    solve(1)
    run("check", "1")
    assert run("hint", "1") == (0, "All tasks of lesson 1 are done: no hint is needed.\n")
    assert "Hint 1 of 3" in run("hint", "1", "2")[1]


def test_diff_shows_mine_against_the_starter_or_the_answer(clone: Path) -> None:
    assert run("diff", "1") == (0, "No difference.\n")
    solve(1)
    mine = run("diff", "1")[1]
    assert "--- starter/app.py\n+++ mine/app.py\n" in mine
    assert "+    if username not in PEOPLE:\n" in mine
    assert run("diff", "1", "--solution") == (0, "No difference.\n")
    solve(1, "unknown name is a bad request")
    answer = run("diff", "1", "--solution")[1]
    assert "-        raise HTTPException(404" in answer
    assert "+        raise HTTPException(400" in answer
    for text in (mine, answer):
        assert ">>>" not in text
        assert "# before:" not in text


def test_reset_goes_back_to_the_starter(clone: Path) -> None:
    solve(1)
    kept, back = run("reset", "1")[1].splitlines()
    assert back == "Lesson 1 is back at its starter."
    assert Path(kept.removeprefix("Your version is kept in ")).parent == tree.VAR / "kept"
    assert run("diff", "1")[1] == "No difference.\n"


def test_pack_holds_what_is_begun_and_who_it_is_from(clone: Path, warm: Launcher) -> None:
    target = clone / "hand in.zip"
    target.write_text("of old")
    with pytest.raises(AssertionError, match="No lesson is begun yet"):
        run("pack", "--name", "Zoë", "--to", str(target))
    assert target.read_text() == "of old"
    solve(2)
    folder = tree.LESSONS / TWIN
    for name in ("__pycache__/app.pyc", ".ipynb_checkpoints/app.py", ".env", "notes/a.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    (clone / "secret").write_text("not to be handed in")
    if os.name != "nt":
        (folder / "secret").symlink_to(clone / "secret")
        (folder / "all").symlink_to(clone)
    code, out = run("pack", "--name", "Zoë", "--to", str(target))
    assert (code, out) == (0, f"{target} holds lesson 2, from Zoë.\n")
    with zipfile.ZipFile(target) as archive:
        assert json.loads(archive.read("student.json")) == {"name": "Zoë"}
        names = {name for name in archive.namelist() if name != "student.json"}
        assert names == {
            f"lessons/{TWIN}/{name}"
            for name in ("__init__.py", "app.py", "people.py", "schemas.py", "lesson.toml",
                         "notes/a.txt")
        }  # fmt: skip
        archive.extractall(clone / "handed in")
    assert grade(tree.lesson(2), clone / "handed in/lessons", warm).points == 10


def test_attack_shows_the_exchanges_and_how_it_ended(clone: Path, lent: Launcher) -> None:
    code, out = run("attack", "1")
    assert code == 1
    assert "Read e-mail addresses and passwords out of every profile" in out
    assert "curl -i 'http://127.0.0.1:8000/profile?username=alice'" in out
    assert "OPEN: private data of 3 people" in out
    solve(1)
    code, out = run("attack", "1", "read_every_profile")
    assert code == 0
    assert "REFUSED" in out
    assert run("attack", "1", "--solution")[0] == 0


# -- pytest's own ways -----------------------------------------------------------------------


def pytest_in(clone: Path, *words: str) -> tuple[int, str]:
    """Run pytest in the clone; return its exit code and what it printed."""
    done = program(clone, "pytest", "-p", "no:cacheprovider", "-q", *words)
    return done.returncode, done.stdout + done.stderr


def test_an_untouched_lesson_is_skipped_and_a_right_one_is_green(clone: Path) -> None:
    solve(2)
    code, out = pytest_in(clone, "tests", "-rs")
    assert code == 0
    assert "SKIPPED [9] " in out
    assert ": not begun\n" in out
    assert "9 passed, 9 skipped" in out
    assert "lesson 2: 10 of 10 points, 9 checks" in out
    assert "lesson 1:" not in out.split("short test summary")[-1]


def test_a_wrong_lesson_is_red_with_one_clear_message(clone: Path) -> None:
    solve(1, WRONG)
    code, out = pytest_in(clone, "tests/lesson_01")
    assert code == 1
    assert "1 failed, 8 passed" in out
    assert "lesson 1: 8 of 10 points, 9 checks" in out
    assert "looks like: you blank the private fields" in out
    assert "Traceback" not in out
    assert "workbook/grading" not in out
    code, out = pytest_in(clone, "tests/lesson_01", "-k", "password or odd", "-v")
    assert code == 0
    assert "2 passed, 7 deselected" in out


def test_stop_at_the_first_failure_and_choose_by_name(clone: Path) -> None:
    (tree.LESSONS / MINE / "notes.py").write_text("# begun\n")
    code, out = pytest_in(clone, "tests/lesson_01", "-x")
    assert code == 1
    assert "1 failed, 3 passed" in out
    code, out = pytest_in(clone, "tests/lesson_01/test_profile_1.py::test_odd_names_are_refused")
    assert code == 0
    assert "1 skipped" in out


@pytest.mark.parametrize("top", ["lessons", ""])
def test_a_submission_elsewhere_is_graded(top: str, clone: Path) -> None:
    handed_in = clone / "elsewhere" / top
    handed_in.parent.mkdir(exist_ok=True)
    shutil.copytree(tree.LESSONS, handed_in)
    solve(1)  # mine, which must not be graded
    code, out = pytest_in(clone, "tests/lesson_01", "--submission", "elsewhere")
    assert code == 1
    assert "not begun" not in out
    assert "lesson 1: 0 of 10 points, 9 checks" in out


def test_a_submission_without_the_lesson_scores_nothing(clone: Path) -> None:
    solve(1)
    (clone / "elsewhere").mkdir()
    code, out = pytest_in(clone, "tests/lesson_01", "--submission", "elsewhere")
    assert code == 1
    assert "9 failed" in out
    assert f"does not start: the folder {MINE} is missing" in out
    code, out = pytest_in(clone, "tests/lesson_01", "--submission", "nowhere")
    assert code == 4
    assert out.strip() == "ERROR: --submission nowhere: there is no such folder"


# -- nothing is left behind ------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("fork", ["1", "0"])
@pytest.mark.parametrize(
    "words",
    [
        ("workbook", "check", "1"),
        ("workbook", "attack", "1"),
        ("pytest", "-q", "-p", "no:cacheprovider", "tests/lesson_01"),
    ],
    ids=["check", "attack", "pytest"],
)
def test_no_process_and_no_folder_is_left_behind(
    words: tuple[str, ...], fork: str, clone: Path
) -> None:
    place = clone / "temporary"
    place.mkdir()
    solve(1)
    app = tree.LESSONS / MINE / "app.py"
    app.write_text(
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        + app.read_text().replace(LATE, f"{LATE[:4]}__import__('os')._exit(1)\n{LATE}")
    )
    done = program(clone, *words, TMPDIR=str(place), WORKBOOK_FORK=fork)
    assert "10" in done.stdout or "REFUSED" in done.stdout, done.stderr
    assert done.stderr == ""
    assert processes_at(place) == []
    assert list(place.glob("workbook-*")) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("fork", ["1", "0"])
def test_servers_end_with_a_grader_that_is_killed(fork: str, clone: Path) -> None:
    place = clone / "temporary"
    place.mkdir()
    (tree.LESSONS / MINE / "app.py").write_text(
        "import os, time\nopen('started', 'w').close()\ntime.sleep(99)\n"
    )
    grader = subprocess.Popen(
        [sys.executable, "-m", "workbook", "check", "1"],
        cwd=clone,
        env=os.environ | {"TMPDIR": str(place), "WORKBOOK_FORK": fork},
        stdout=subprocess.DEVNULL,
    )

    def until(reached: Callable[[], object]) -> None:
        never, tries = threading.Event(), int(LIMIT / 0.02)
        assert any(reached() or never.wait(0.02) for _ in range(tries))

    try:
        until(lambda: list(place.glob("workbook-*/inside/started")))
    finally:
        grader.kill()
        grader.wait()
    until(lambda: processes_at(place) == [])
