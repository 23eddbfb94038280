"""How long a learner waits: from a save to its verdict, for a cold check, for a server's start.

    uv run python benchmarks/feedback.py [LESSON] [--saves N] [--rounds N] [--markdown]

Without a number the last lesson that has checks is measured, with its answer in place: that way no
check stops early. Everything happens in a throw-away copy of the tree. The three programs that
start cold take turns, so that a busy machine is busy for each of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from workbook import tree
from workbook.authoring.cut import answer_files
from workbook.grading.checks import checks_of
from workbook.grading.report import grade
from workbook.learning.watch import verdicts
from workbook.running.server import Launcher, Server, job_for, launcher

PAUSE = 0.3
"""Seconds between a verdict and the next save; nobody reads faster."""
IMPORTS = "import fastapi, httpx, pytest"


class Row(NamedTuple):
    """One figure: what it is, its median, its 95th percentile, and its bar."""

    what: str
    median: str
    p95: str = ""
    bar: str = ""


def milliseconds(what: str, times: list[float], bar: str = "") -> Row:
    """Return the row of some times, given in seconds."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return Row(what, f"{statistics.median(ordered) * 1000:.0f} ms", f"{p95 * 1000:.0f} ms", bar)


def timed(act: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@contextmanager
def copied(lesson: tree.Lesson) -> Iterator[None]:
    """Work on a copy of the tree that has the lesson's answer where the learner's files are."""
    caches = shutil.ignore_patterns("__pycache__", ".*")
    with tempfile.TemporaryDirectory(prefix="workbook-bench-") as name:
        root = Path(name).resolve()
        for room in ("workbook", "lessons", "solutions", "tests"):
            shutil.copytree(tree.ROOT / room, root / room, ignore=caches)
        shutil.copy(tree.ROOT / "pyproject.toml", root)
        for file, content in answer_files(lesson).items():
            (root / "lessons" / lesson.package / file).write_bytes(content)
        for room in ("lessons", "solutions", "var"):
            setattr(tree, room.upper(), root / room)
        tree.ROOT, tree.CHECKS = root, root / "tests"
        yield


def watching(lesson: tree.Lesson, warm: Launcher, saves: int) -> list[float]:
    """Save a file again and again, as an editor does, and wait for each verdict.

    As in the watch command, the next verdict is asked for once one is told, and the next save comes
    when somebody has read it.
    """
    app = lesson.starter / "app.py"
    found = verdicts(lesson, tree.LESSONS, warm, slow=False)
    times: list[float] = []
    starts: list[float] = []

    def save() -> None:
        text = app.read_text("utf-8").rstrip() + f"\n# save {len(times)}\n"
        starts.append(time.perf_counter())
        app.write_text(text, "utf-8")

    for report in found:
        if starts:
            times.append(time.perf_counter() - starts.pop())
        elif times:
            continue  # on a busy machine one save may be seen as two
        if not report.done:
            raise SystemExit(report.message())
        if len(times) == saves:
            break
        threading.Timer(PAUSE, save).start()
    found.close()
    return times


def grading(lesson: tree.Lesson, warm: Launcher, times: int, *, slow: bool) -> list[float]:
    """Grade the same files again and again."""
    return [
        timed(lambda: grade(lesson, tree.LESSONS, warm, slow=slow)) for _ in range(max(times, 1))
    ]


def starting(lesson: tree.Lesson, warm: Launcher, times: int) -> list[float]:
    """Start the lesson's server and wait until it serves, again and again."""
    found = []
    for _ in range(times):
        home = Path(tempfile.mkdtemp(prefix="workbook-"))
        server = Server(warm, job_for(tree.LESSONS, lesson.package, home, {}), home=home)
        found.append(timed(server.start))
        server.close()
    return found


def cold(lesson: tree.Lesson, rounds: int) -> list[Row]:
    """Start the three programs in turn, and compare their times in each round."""
    checks = f"tests/{lesson.checks.name}"
    programs = {
        f"`workbook check {lesson.number}`": ["-m", "workbook", "check", str(lesson.number)],
        f"`pytest {checks}`": ["-m", "pytest", "-q", "-p", "no:cacheprovider", checks],
        f"`{IMPORTS}`": ["-c", IMPORTS],
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds + 1):  # the first one writes the caches
        for name, words in programs.items():
            seconds = timed(lambda words=words: run(words))  # type: ignore[misc]
            if number:
                times[name].append(seconds)
    check, plain, imports = times.values()
    bar = 1.5 * statistics.median(imports) + 0.5
    rows = [milliseconds(f"{name}, cold", found) for name, found in times.items()]
    rows[0] = rows[0]._replace(bar=f"≤ 1.5 x the imports + 0.5 s = {bar * 1000:.0f} ms")
    for name, other in (("pytest", plain), ("the imports", imports)):
        ratios = [mine / theirs for mine, theirs in zip(check, other, strict=True)]
        rows.append(Row(f"check / {name}", f"{statistics.median(ratios):.2f} x"))
    return rows


def run(words: list[str]) -> None:
    """Run a Python program in the copy; it must end well."""
    done = subprocess.run([sys.executable, *words], cwd=tree.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def memory(pid: int, what: str) -> list[Row]:
    """Return the resident memory of a process, where the system tells it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return []
    size = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return [Row(f"memory of {what}", f"{size / 1024:.0f} MB")]


def measure(lesson: tree.Lesson, saves: int, rounds: int) -> list[Row]:
    """Return all figures of one lesson."""
    checks = checks_of(lesson).values()
    slow = sum(one.slow for one in checks)
    warm = launcher()
    try:
        grade(lesson, tree.LESSONS, warm, slow=False)
        what = f"save → verdict, {len(checks) - slow} checks"
        rows = [
            milliseconds(what, watching(lesson, warm, saves), "median ≤ 150 ms, p95 ≤ 300 ms"),
            milliseconds("its grading alone", grading(lesson, warm, saves, slow=False)),
            milliseconds("start of the lesson's server", starting(lesson, warm, saves)),
        ]
        if slow:
            whole = grading(lesson, warm, saves // 4, slow=True)
            rows.append(milliseconds(f"grading with its {slow} slow checks", whole))
        if hasattr(warm, "_zygote"):
            rows += memory(warm._zygote.pid, "the warm process")
        rows += memory(os.getpid(), "the grader")
    finally:
        warm.close()
    return rows + cold(lesson, rounds)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("lesson", nargs="?", help="its number; the last one with checks")
    parser.add_argument("--saves", type=int, default=40, help="how many (at least 20)")
    parser.add_argument("--rounds", type=int, default=10, help="of cold starts")
    parser.add_argument("--markdown", action="store_true", help="print rows for the README")
    given = parser.parse_args()
    graded = [one for one in tree.lessons() if one.checks.is_dir() and one.solution.is_dir()]
    lesson = tree.lesson(given.lesson) if given.lesson else graded[-1]
    with copied(lesson):
        rows = measure(lesson, max(given.saves, 20), max(given.rounds, 3))
    heads = Row(f"lesson {lesson.number}", "median", "p95", "bar")
    if given.markdown:
        for row in (heads, Row("---", "---:", "---:", "---"), *rows):
            print("| " + " | ".join(row) + " |")
        return
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{machine}, Python {platform.python_version()}{load}")
    for row in (heads, *rows):
        print(f"{row.what:<50}{row.median:>10}{row.p95:>10}  {row.bar}".rstrip())


if __name__ == "__main__":
    main()
