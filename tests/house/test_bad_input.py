"""Whatever a learner does, there is one clear message, and nothing is lost (DESIGN §10)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbook import starters, tree
from workbook.authoring.cut import answer_files
from workbook.cli import main, show
from workbook.grading import engine
from workbook.grading.engine import Outcome, Run
from workbook.grading.report import Report
from workbook.learning.progress import Progress
from workbook.running.server import Address, Launcher, launcher
from workbook.talking import client
from workbook.talking.client import Client

MINE = "lesson_01_open_profile"
TWIN = "lesson_02_twin"


@pytest.fixture
def lent(warm: Launcher, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """The session's launcher, for commands that would make one of their own and close it."""
    monkeypatch.setattr(warm, "close", lambda: None)
    monkeypatch.setattr("workbook.running.server.launcher", lambda: warm)
    return warm


def run(*words: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code and what it printed and complained."""
    done = CliRunner().invoke(main.cli, words)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def solve(number: int) -> None:
    """Put the answer into a lesson of the clone."""
    lesson = tree.lesson(number)
    for name, content in answer_files(lesson).items():
        (lesson.starter / name).write_bytes(content)


def put(text: str | bytes, file: str = "app.py") -> None:
    """Write a file of the clone's first lesson."""
    content = text.encode() if isinstance(text, str) else text
    (tree.LESSONS / MINE / file).write_bytes(content)


def grade(number: int, warm: Launcher, **seconds: float) -> Report:
    """Grade a lesson of the clone."""
    lesson = tree.lesson(number)
    with Run(lesson, tree.LESSONS, warm, bounds=engine.Bounds(**seconds)) as one:
        return Report(lesson, tuple(one.all()))


def outcome(report: Report, check: str) -> Outcome:
    """Return how one check ended."""
    return next(one for one in report.outcomes if one.check.id == check)


# -- words that name nothing -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("check 99", "There is no lesson 99. The lessons are 1 to 2."),
        ("serve x", "There is no lesson x. The lessons are 1 to 2."),
        ("watch 0", "There is no lesson 0. The lessons are 1 to 2."),
        ("reset 1.5", "There is no lesson 1.5. The lessons are 1 to 2."),
        ("hint 1 9", "Lesson 1 has no task 9. Its tasks are 1, 2."),
        ("hint 1 two", "Lesson 1 has no task two. Its tasks are 1, 2."),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(words: str, says: str, clone: Path) -> None:
    assert run(*words.split()) == (2, "", says + "\n")


def test_an_unknown_attack_is_answered_with_those_there_are(clone: Path) -> None:
    code, out, complaint = run("attack", "1", "nosuch")
    assert (code, out) == (2, "")
    assert complaint.startswith("No attack is called nosuch. ")
    assert complaint.endswith(" read_every_profile\n")
    assert complaint.count("\n") == 1


def test_a_tree_without_lessons_says_so(clone: Path) -> None:
    shutil.rmtree(tree.LESSONS)
    tree.LESSONS.mkdir()
    assert run() == (0, "", f"There are no lessons in {tree.LESSONS}.\n")
    assert run("check", "1")[0] == 2


# -- apps that do not start ------------------------------------------------------------------

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "syntax error": ("x = 1\ndef f(:\n", f"{MINE}/app.py:2: SyntaxError: invalid syntax"),
    "indentation": ("if 1:\nx\n", f"{MINE}/app.py:2: IndentationError: expected an indented"),
    "app missing": ("x = 1\n", "app.py has no `app` to serve"),
    "app no app": ("app = 3\n", "app.py has no `app` to serve"),
    "exception": ("def f():\n    1 / 0\nf()\n", f"{MINE}/app.py:2: ZeroDivisionError: division"),
    "exit": ("import sys\nsys.exit(0)\n", f"{MINE}/app.py:2: SystemExit: 0"),
    "hard exit": ("import os\nos._exit(0)\n", "its process ended by itself (status 0) before"),
    "interrupt": ("raise KeyboardInterrupt\n", f"{MINE}/app.py:1: KeyboardInterrupt"),
    "no such module": ("import nosuch\n", f"{MINE}/app.py:1: ModuleNotFoundError: No module"),
    "escapes": (r'raise ValueError("\x1b[2J\r")', f"{MINE}/app.py:1: ValueError: \\x1b[2J"),
    "no UTF-8": (b"x = 'caf\xe9'\n", "SyntaxError: (unicode error) 'utf-8' codec can't decode"),
    "NUL": (b"x = 1\0\n", "source code string cannot contain null bytes"),
    "print closed": (
        "import sys\nsys.stdout.close()\nsys.stderr.close()\nraise ValueError('so')\n",
        f"{MINE}/app.py:4: ValueError: so",
    ),
    "error with an error": (
        "class E(Exception):\n    def __str__(self):\n        1 / 0\nraise E\n",
        f"{MINE}/app.py:4: E",
    ),
    "start-up": (
        "from fastapi import FastAPI\nasync def life(app):\n    raise ValueError('so')\n    yield\n"
        "from contextlib import asynccontextmanager as a\napp = FastAPI(lifespan=a(life))\n",
        f"{MINE}/app.py:3: start-up failed: ValueError: so",
    ),
}


@pytest.mark.parametrize(("text", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_an_app_that_does_not_start_is_named_and_every_check_is_counted(
    text: str | bytes, says: str, clone: Path, warm: Launcher
) -> None:
    put(text)
    solve(2)
    report = grade(1, warm)
    assert [one.word for one in report.outcomes] == ["broken"] * 9
    assert (report.points, report.max_points) == (0, 10)
    message = report.message()
    assert f"{MINE} does not start: " in message
    assert says in message
    assert len(message.splitlines()) == 2
    assert grade(2, warm).points == 10


def test_app_py_may_be_a_folder_and_reset_puts_it_right(clone: Path, lent: Launcher) -> None:
    (tree.LESSONS / MINE / "app.py").unlink()
    (tree.LESSONS / MINE / "app.py").mkdir()
    (tree.LESSONS / MINE / "app.py/notes.txt").write_text("mine")
    code, out, _ = run("check", "1")
    assert code == 1
    assert f"{MINE} does not start: there is no file app.py" in out
    assert "Your version is kept in" in run("reset", "1")[1]
    assert starters.state(tree.lesson(1)) == "untouched"
    assert [path.read_text() for path in tree.VAR.rglob("notes.txt")] == ["mine"]


@pytest.mark.parametrize("how", ["deleted", "renamed", "moved away", "a file"])
def test_a_missing_lesson_is_told_and_the_others_are_graded(
    how: str, clone: Path, lent: Launcher
) -> None:
    folder = tree.LESSONS / MINE
    if how == "renamed":
        folder.rename(tree.LESSONS / "lesson_01_mine")
    elif how == "moved away":
        folder.rename(clone / "elsewhere")
    else:
        shutil.rmtree(folder)
    if how == "a file":
        folder.write_text("")
    solve(2)
    assert "  folder missing" in run()[1].splitlines()[0]
    code, out, _ = run("check")
    assert code == 1
    assert f"{MINE} does not start: the folder {MINE} is missing" in out
    assert "None of the 9 checks could be asked" in out
    assert "10 of 10 points" in out
    if how != "a file":
        _, out, _ = run("reset", "1")
        assert out.startswith("Lesson 1 is back at its starter.\n")
        assert f"git checkout -- lessons/{MINE}" in out
        assert starters.state(tree.lesson(1)) == "untouched"


def test_a_copy_beside_the_lesson_is_not_graded_instead(clone: Path, lent: Launcher) -> None:
    shutil.copytree(tree.LESSONS / MINE, tree.LESSONS / "lesson_01_backup")
    solve(1)
    code, out, _ = run("check")
    assert code == 0
    assert out.count("points") == 1


@pytest.mark.parametrize("text", ["title = ", "title = 3", 'title = "x"\ntasks = 1', "\x00"])
def test_a_broken_description_does_not_stop_the_grading(
    text: str, clone: Path, lent: Launcher
) -> None:
    solve(1)
    put(text, "lesson.toml")
    assert "its lesson.toml cannot be read" in run()[1]
    code, out, _ = run("check", "1")
    assert code == 0
    assert "10 of 10 points" in out
    code, out, complaint = run("hint", "1")
    assert (code, out) == (2, "")
    assert complaint.startswith("Lesson 1 has no ")


def test_windows_line_ends_alone_are_no_beginning(clone: Path, lent: Launcher) -> None:
    for path in (tree.LESSONS / MINE).glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert starters.state(tree.lesson(1)) == "untouched"
    assert run("diff", "1")[1] == "No difference.\n"
    assert "No lesson is begun yet" in run("check")[1]


# -- apps that hang --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.sleep(60)\n",
        "while True:\n    pass\n",
        "import signal, time\nsignal.pthread_sigmask(0, range(1, 32))\ntime.sleep(60)\n",
        "import asyncio\nfrom fastapi import FastAPI\nfrom contextlib import asynccontextmanager\n"
        "async def life(app):\n    await asyncio.sleep(60)\n    yield\n"
        "app = FastAPI(lifespan=asynccontextmanager(life))\n",
    ],
    ids=["import", "loop", "signals blocked", "start-up"],
)
def test_an_app_that_hangs_before_it_serves_is_named(
    text: str, clone: Path, warm: Launcher
) -> None:
    put(text)
    report = grade(1, warm, start=0.5)
    assert [one.word for one in report.outcomes] == ["timed out"] * 9
    assert "does not start: it did not serve within 0.5 s of its start" in report.message()


def odd(line: str, *, first: str = "") -> str:
    """Return the answer of lesson 1 with a line that runs when somebody asks for `nobody`."""
    text = answer_files(tree.lesson(1))["app.py"].decode()
    place = "    if username not in PEOPLE:\n"
    assert place in text
    return first + text.replace(place, f'    if username == "nobody":\n        {line}\n{place}')


STREAM = "from fastapi.responses import StreamingResponse\nimport time\n"
ENDLESS = 'def give():\n    while True:\n        yield b"x" * 65536\n'
DRIP = 'def give():\n    while True:\n        yield b"x"\n        time.sleep(0.05)\n'
IN_A_REQUEST = {
    "hang": ("__import__('time').sleep(60)", "", "timed out", "no whole answer within 1 s"),
    "drip": ("return StreamingResponse(give())", STREAM + DRIP, "timed out", "within 1 s"),
    "endless": (
        *("return StreamingResponse(give())", STREAM + ENDLESS),
        *("failed", "nothing: the answer is longer than 1,000,000 bytes"),
    ),
    "huge": (
        *("return StreamingResponse(iter([b'x' * 9_000_000]))", STREAM),
        *("failed", "nothing: the answer is longer than 1,000,000 bytes"),
    ),
    "death": (
        *("__import__('os')._exit(7)", "", "failed"),
        "the cause: its process ended by itself (status 7)",
    ),
    "kill": (
        *("__import__('os').kill(__import__('os').getpid(), 9)", "", "failed"),
        "the cause: its process ended by itself (status -9)",
    ),
    "exit": ("__import__('sys').exit(3)", "", "failed", "expected 404, got "),
    "crash": ("1 / 0", "", "failed", "the cause: app.py:"),
    "escapes": (
        *(r'return StreamingResponse(iter(["\x1b[2J\x1b]0;x\x07"]))', STREAM),
        *("failed", r"came back: 200 OK  \x1b[2J\x1b]0;x\x07"),
    ),
}


@pytest.mark.parametrize(
    ("line", "first", "word", "says"), IN_A_REQUEST.values(), ids=IN_A_REQUEST.keys()
)
def test_a_fault_in_one_request_is_named_and_later_checks_are_graded(
    line: str,
    first: str,
    word: str,
    says: str,
    clone: Path,
    warm: Launcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "REQUEST_SECONDS", 1.0)
    solve(1)
    put(
        odd(line, first=first).replace("-> dict[str, str]", "").replace(", response_model=", ", x=")
    )
    put(odd(line, first=first).replace("-> dict[str, str]", "-> object"))
    report = grade(1, warm)
    bad = outcome(report, "unknown_name_is_not_found")
    assert bad.word == word, report.message()
    assert says in report.message(bad)
    assert len(report.message(bad).splitlines()) <= 8
    later = {one.check.id: one.word for one in report.outcomes if one.check.task == 2}
    assert set(later.values()) == {"passed"}, later


def test_a_server_that_always_dies_is_given_up(clone: Path, warm: Launcher) -> None:
    put("import os\ndef app(*_):\n    os._exit(1)\n")
    report = grade(1, warm)
    assert report.points == 0
    assert len(report.outcomes) == 9
    assert report.first is not None
    assert "its process ended by itself" in report.message()


def test_all_that_takes_too_long_together_is_ended(clone: Path, warm: Launcher) -> None:
    solve(1)
    put(odd("pass").replace('== "nobody"', "and __import__('time').sleep(0.4)"))
    report = grade(1, warm, lesson=1.0)
    assert len(report.outcomes) == 9
    assert "more than 1 s" in "".join(one.note for one in report.outcomes)


def test_a_lesson_that_kills_its_parent_costs_only_itself(clone: Path) -> None:
    one = launcher()
    if not hasattr(one, "ask"):
        pytest.skip("without fork the parent is the grader itself: see the sandbox")
    try:
        solve(2)
        put("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)\n")
        assert grade(1, one, start=1.0).points == 0
        assert grade(2, one).points == 10
        solve(1)
        put(odd("__import__('os').kill(__import__('os').getppid(), 9)"))
        assert len(grade(1, one).outcomes) == 9
        assert grade(2, one).points == 10
    finally:
        one.close()


# -- what a lesson prints --------------------------------------------------------------------


def test_prints_go_to_the_log_and_not_into_the_verdict(clone: Path, warm: Launcher) -> None:
    solve(1)
    put(odd("print('so', '\\x1b[31m')", first="print('forged: 10 of 10 points', flush=True)\n"))
    lesson = tree.lesson(1)
    with Run(lesson, tree.LESSONS, warm) as one:
        report = Report(lesson, tuple(one.all()))
        assert one.api is not None
        assert "forged: 10 of 10 points\n" in one.api.server.log
    assert report.points == 10
    assert "forged" not in str(report.to_dict())


@pytest.mark.parametrize(
    "first",
    [
        "import sys\nsys.stdout.close()\nsys.stderr.close()\n",
        "import os\nos.close(1)\nos.close(2)\n",
        "import os\nos.closerange(0, 3)\n",
        "import sys\nsys.stdout = sys.stderr = None\n",
    ],
)
def test_a_closed_standard_output_costs_nothing(first: str, clone: Path, warm: Launcher) -> None:
    solve(1)
    put(odd("pass", first=first))
    assert grade(1, warm).points == 10


# -- answers that are no HTTP ----------------------------------------------------------------

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def speaking(*parts: bytes, pause: float = 0, endless: bool = False) -> Iterator[Address]:
    """Give a server that answers whatever it is sent with these bytes, and then closes."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    while True:
                        for part in parts:
                            connection.sendall(part)
                            ended.wait(pause)
                        if not endless or ended.is_set():
                            break
                except OSError:
                    continue

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield Address(port=listening.getsockname()[1])
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        server.join()


WIRE: dict[str, tuple[Callable[[], object], str]] = {
    "nothing": (lambda: speaking(), "the connection ended without an answer"),
    "no HTTP": (lambda: speaking(b"hello\r\n\r\n"), "the answer is no HTTP (BadStatusLine)"),
    "status": (lambda: speaking(b"HTTP/1.1 abc\r\n\r\n"), "the answer is no HTTP (BadStatusLine)"),
    "long line": (lambda: speaking(b"HTTP/1.1 200 " + b"x" * 99999), "no HTTP (LineTooLong)"),
    "cut short": (
        lambda: speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
        "the connection ended in the middle of the answer",
    ),
    "bad chunk": (
        lambda: speaking(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "the connection ended in the middle of the answer",
    ),
    "endless headers": (
        lambda: speaking(b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 200, endless=True),
        "the answer is no HTTP (HTTPException)",
    ),
    "endless body": (
        lambda: speaking(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 65536] * 99),
        "the answer is longer than 1,000,000 bytes",
    ),
    "slow headers": (
        lambda: speaking(b"HTTP/1.1 200 OK\r\n", *[b"X"] * 999, pause=0.02),
        "no whole answer within 0.5 s",
    ),
    "slow body": (
        lambda: speaking(b"HTTP/1.1 200 OK\r\n\r\n", *[b"X"] * 999, pause=0.02),
        "no whole answer within 0.5 s",
    ),
    "slow continue": (
        lambda: speaking(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02, endless=True),
        "no whole answer within 0.5 s",
    ),
    "silence": (lambda: speaking(b"", pause=5), "no whole answer within 0.5 s"),
}


@pytest.mark.parametrize(("server", "says"), WIRE.values(), ids=WIRE.keys())
def test_an_answer_that_is_none_is_named_within_its_limit(
    server: Callable[[], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "REQUEST_SECONDS", 0.5)
    with server() as address:  # type: ignore[attr-defined]
        one = Client(address)
        seen = one.send("GET", "/")
        one.close()
    assert seen.status == 0
    assert says in seen.answer.problem


def test_a_refusal_before_the_body_was_read_is_heard() -> None:
    with speaking(GOOD) as address:
        one = Client(address)
        assert one.send("POST", "/", body=b"x" * 60_000).text == "ok"
        one.close()


def test_what_cannot_be_sent_is_no_crash_of_the_grader() -> None:
    with speaking(GOOD) as address:
        one = Client(address)
        assert one.send("GET", "/", headers={"X": "a\r\nB: c"}).answer.problem
        assert one.send("GET", "/ä b?x=\ud800#f", headers={"X": "ä\ud800\x01 "}).status == 200
        one.close()


# -- nothing is lost -------------------------------------------------------------------------


def test_reset_keeps_my_version_and_names_its_place(clone: Path) -> None:
    lesson = tree.lesson(1)
    kept = []
    for text in ("first = 1\n", "second = 2\n"):
        put(text)
        put("more = 1\n", "more.py")
        code, out, _ = run("reset", "1")
        assert code == 0
        place = Path(out.splitlines()[0].removeprefix("Your version is kept in "))
        kept.append((place / "app.py").read_text())
        assert (place / "more.py").exists()
        assert starters.state(lesson) == "untouched"
        assert not (lesson.starter / "more.py").exists()
    assert kept == ["first = 1\n", "second = 2\n"]
    assert run("reset", "1") == (0, "Lesson 1 is back at its starter.\n", "")


def test_reset_that_cannot_keep_my_version_changes_nothing(clone: Path) -> None:
    put("mine = 1\n")
    tree.VAR.write_text("a file where the folder should be")
    code, out, complaint = run("reset", "1")
    assert (code, out) == (1, "")
    assert complaint.startswith("Lesson 1 is as it was: ")
    assert (tree.LESSONS / MINE / "app.py").read_text() == "mine = 1\n"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_reset_writes_through_no_link(clone: Path) -> None:
    elsewhere = clone / "elsewhere.py"
    elsewhere.write_text("not the workbook's\n")
    (tree.LESSONS / MINE / "app.py").unlink()
    (tree.LESSONS / MINE / "app.py").symlink_to(elsewhere)
    run("reset", "1")
    assert elsewhere.read_text() == "not the workbook's\n"
    assert starters.state(tree.lesson(1)) == "untouched"


def test_an_edition_without_solutions_says_so(clone: Path) -> None:
    shutil.rmtree(tree.SOLUTIONS)
    for words in ("check 1 --solution", "diff 1 --solution", "serve 1 --solution"):
        assert run(*words.split()) == (2, "", "This edition has no solutions.\n")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"lessons": []}', '{"lessons": {"1": {"points": "x"}}}', "\x00" * 9,
     '{"lessons": {"1": {"hints": 3}}}', '{"lessons": {"1": {"points": Infinity}}}'],
)  # fmt: skip
def test_a_corrupt_progress_file_is_set_aside(text: str, clone: Path, lent: Launcher) -> None:
    tree.VAR.mkdir()
    for _ in range(2):
        (tree.VAR / "progress.json").write_text(text)
        code, out, complaint = run("check", "1")
        assert code == 1
        assert "points" in out
        assert complaint.startswith("Progress could not be read and starts anew; the old file is ")
        assert complaint.count("\n") == 1
    assert [path.read_text() for path in tree.VAR.glob("*unreadable*")] == [text, text]
    assert Progress().of(1).max_points == 10


def test_a_place_where_no_progress_can_be_kept_stops_nothing(
    clone: Path, lent: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.VAR.write_text("a file where the folder should be")
    solve(1)
    for words, says in ((["check", "1"], "10 of 10"), (["hint", "1"], "Hint 1"), ([], "Who can")):
        code, out, complaint = run(*words)
        assert code == 0
        assert says in out
        assert complaint.startswith("Progress is neither read nor kept: ")
    monkeypatch.setenv("WORKBOOK_VAR", str(clone))
    monkeypatch.setattr("workbook.learning.progress.write_whole", full_disk)
    assert "Progress could not be kept: " in run("check", "1")[2]


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_place_where_no_result_can_be_written_is_named(clone: Path, lent: Launcher) -> None:
    solve(1)
    code, out, complaint = run("check", "1", "--json", str(clone / "no/such/folder.json"))
    assert code == 1
    assert "10 of 10 points" in out
    assert "folder.json cannot be written: No such file or directory" in complaint
    code, _, complaint = run("pack", "--name", "Zoë", "--to", str(clone))
    assert code == 1
    assert "cannot be written" in complaint


# -- the machine -----------------------------------------------------------------------------


def test_a_port_in_use_is_named_and_a_free_one_offered(clone: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, complaint = run("serve", "1", "--port", str(port))
    assert (code, out) == (1, "")
    assert complaint.startswith(f"Port {port} is in use. Port ")
    offered = int(complaint.split("--port ")[1])
    assert complaint.endswith(f" Port {offered} is free: --port {offered}\n")
    socket.create_server(("127.0.0.1", offered)).close()


def test_an_old_python_gets_one_line() -> None:
    there = sorted(Path.home().glob(".pyenv/versions/3.10.*/bin/python"))
    old = str(there[-1]) if there else shutil.which("python3.10")
    if not old:
        pytest.skip("there is no Python 3.10 on this machine")
    done = subprocess.run(
        [old, "-m", "workbook", "check", "1"], cwd=tree.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("The workbook needs Python 3.11 or newer; this is 3.10.")
    assert done.stderr.count("\n") == 1


def test_without_jupyter_it_says_what_to_install(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, out, complaint = run("start", "1")
    assert (code, out) == (1, "")
    assert complaint == "JupyterLab is not installed: pip install jupyterlab ipykernel\n"


def test_a_terminal_without_our_letters_is_no_crash(clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbook", "check", "1", "--solution"],
        cwd=clone,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert b"10 of 10 points" in done.stdout


def test_long_titles_do_not_break_the_lines(clone: Path) -> None:
    assert show.shortened("x" * 99, 10) == "x" * 9 + "…"
