"""What a class costs: each submission graded by plain pytest, and by `workbook grade` behind walls.

    uv run python benchmarks/class_run.py [LESSON] [--rounds N] [--submissions N] [--others]
                                          [--markdown]

All figures come from one run, on the same submissions and the same checks. In each round all ways
take turns, so that a busy machine is busy for each of them. The floor is what nobody can save: a
fork, the import of the app, its server, and ten bare requests.

With `--others` the same submission is also graded by otter-grader and nbgrader, in an environment
made for them.
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from feedback import Row, milliseconds, timed
from other_graders import BATCH, Graders, installed

from workbook import tree
from workbook.authoring.cut import answer_files
from workbook.classroom.pool import Pool
from workbook.classroom.worker import graded
from workbook.running.processes import descendants
from workbook.running.server import Launcher, Server, job_for, launcher
from workbook.talking.client import Client

BARE_REQUESTS = 10
FEW = 10
"""How many submissions the memory is compared with."""


def task(lesson: tree.Lesson, number: int) -> dict[str, Any]:
    """Return one of many submissions: the answer, and a comment that makes it another file."""
    files = answer_files(lesson)
    files["app.py"] += b"\n# submission %d\n" % number
    encoded = {name: base64.b64encode(content).decode() for name, content in files.items()}
    return {"name": f"s{number}", "seed": "a seed", "lessons": {lesson.package: encoded}}


def plain(lesson: tree.Lesson, place: Path) -> None:
    """Grade one submission as anybody would, with a pytest of its own."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    words += [f"--submission={place}", f"tests/{lesson.checks.name}"]
    done = subprocess.run(words, cwd=tree.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def behind_walls(lesson: tree.Lesson, pool: Pool, many: int) -> float:
    """Grade many submissions; return the seconds that each takes."""
    start = time.perf_counter()
    for _, answer in pool.run(task(lesson, number) for number in range(many)):
        if not answer or answer[lesson.package]["points"] != answer[lesson.package]["max_points"]:
            raise SystemExit(f"not graded right: {answer}")
    return (time.perf_counter() - start) / many


def floor(lesson: tree.Lesson, warm: Launcher, place: Path) -> None:
    """Fork, import, serve, and answer ten requests that ask for next to nothing."""
    home = Path(tempfile.mkdtemp(prefix="workbook-"))
    server = Server(warm, job_for(place / "lessons", lesson.package, home, {}), home=home)
    server.start()
    client = Client(server.address)
    for _ in range(BARE_REQUESTS):
        client.send("GET", "/nothing-here")
    client.close()
    server.close()


def memory(pid: int) -> float:
    """Return the resident memory of a process and all below it, in MB, where the system tells."""
    size = 0
    for one in (pid, *descendants(pid)):
        try:
            size += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * 4096
        except OSError:
            continue
    return size / 1e6


def grown(lesson: tree.Lesson, many: int) -> list[Row]:
    """Return a grading process's memory after a few submissions and after many."""
    pool = Pool(1)
    try:
        pid = pool._graders[0]._process.pid
        behind_walls(lesson, pool, FEW)
        before = memory(pid)
        behind_walls(lesson, pool, many - FEW)
        after = memory(pid)
    finally:
        pool.close()
    what = f"memory after {FEW} and after {many} submissions"
    return [Row(what, f"{before:.0f} MB", f"{after:.0f} MB", "within 10 %")]


def ratio(what: str, above: list[float], below: list[float], bar: str = "") -> Row:
    """Return how many times longer one takes than the other: the median over the rounds."""
    found = [one / other for one, other in zip(above, below, strict=True)]
    return Row(what, f"{statistics.median(found):.1f} x", "", bar)


def measure(lesson: tree.Lesson, rounds: int, many: int, others: Graders | None) -> list[Row]:
    """Return all figures."""
    times: dict[str, list[float]] = {}

    def note(name: str, seconds: float) -> None:
        times.setdefault(name, []).append(seconds)

    pools = {"jobs 1": Pool(1), "jobs 2": Pool(2)}
    walled, bare = launcher(contained=True), launcher()
    try:
        with tempfile.TemporaryDirectory(prefix="workbook-bench-") as name:
            place = Path(name)
            for file, content in answer_files(lesson).items():
                target = place / "lessons" / lesson.package / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            one = task(lesson, 0)
            for number in range(rounds + 1):  # the first one writes the caches
                found: dict[str, float] = {"plain": timed(lambda: plain(lesson, place))}
                for jobs, pool in pools.items():
                    found[jobs] = behind_walls(lesson, pool, FEW)
                if others and number:
                    found |= {"nbgrader": others.nbgrader(), "otter": others.otter()}
                pairs: list[tuple[str, Callable[[], object]]] = [
                    ("floor", lambda: floor(lesson, bare, place)),
                    ("walled", lambda: graded(one, walled)),
                    ("bare", lambda: graded(one, bare)),
                ]
                for what, act in pairs:
                    found[what] = statistics.median(timed(act) for _ in range(5))
                for what, seconds in found.items():
                    if number:
                        note(what, seconds)
        walls = str(walled.walls)
    finally:
        for pool in pools.values():
            pool.close()
        walled.close()
        bare.close()
    cost = [mine - theirs for mine, theirs in zip(times["walled"], times["bare"], strict=True)]
    rows = [
        milliseconds("plain pytest, cold, a submission", times["plain"]),
        milliseconds("workbook grade --jobs 1, a submission", times["jobs 1"]),
        milliseconds("workbook grade --jobs 2, a submission", times["jobs 2"]),
        milliseconds(f"the floor: fork, serve, {BARE_REQUESTS} requests", times["floor"]),
        ratio("plain pytest / --jobs 1", times["plain"], times["jobs 1"], "≥ 25 x"),
        ratio("--jobs 1 / the floor", times["jobs 1"], times["floor"], "≤ 1.6 x"),
        ratio("--jobs 1 / --jobs 2", times["jobs 1"], times["jobs 2"], "≥ 1.6 x"),
        milliseconds("the walls alone", cost, "< 10 ms"),
    ]
    if others:
        rows += [
            milliseconds(f"nbgrader, {BATCH} at once, a submission", times["nbgrader"]),
            milliseconds("otter run, a submission", times["otter"]),
            ratio("nbgrader / --jobs 1", times["nbgrader"], times["jobs 1"], "≥ 35 x"),
            ratio("otter run / --jobs 1", times["otter"], times["jobs 1"], "≥ 80 x"),
        ]
    return [*rows, *grown(lesson, many), Row("behind", walls)]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("lesson", nargs="?", default="6")
    parser.add_argument("--rounds", type=int, default=5, help="at least 5")
    parser.add_argument("--submissions", type=int, default=100, help="for the memory")
    parser.add_argument("--others", action="store_true", help="otter-grader and nbgrader, too")
    parser.add_argument("--markdown", action="store_true", help="print rows for the README")
    given = parser.parse_args()
    lesson = tree.lesson(given.lesson)
    with ExitStack() as stack:
        others = stack.enter_context(installed(lesson)) if given.others else None
        rows = measure(lesson, max(given.rounds, 5), max(given.submissions, 2 * FEW), others)
    heads = Row(f"lesson {lesson.number}", "median", "p95", "bar")
    if given.markdown:
        for row in (heads, Row("---", "---:", "---:", "---"), *rows):
            print("| " + " | ".join(row) + " |")
        return
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores{load}")
    for row in (heads, *rows):
        print(f"{row.what:<50}{row.median:>10}{row.p95:>10}  {row.bar}".rstrip())


if __name__ == "__main__":
    main()
