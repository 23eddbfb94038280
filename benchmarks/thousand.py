"""A thousand submissions, right, wrong, broken and hostile, graded by a run that is killed twice.

    uv run python benchmarks/thousand.py [--submissions N] [--jobs N]

Every verdict must be as planned: points and status. Those that would only be slow are left out.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from workbook import tree
from workbook.authoring import corpus
from workbook.authoring.cut import answer_files
from workbook.grading.report import grade
from workbook.running.server import launcher

HOSTILE = tree.CHECKS / "hostile"
Plan = tuple[int, str]
Kind = tuple[str, dict[str, bytes], Plan]
"""A submission's name, files and what must come of it."""


def kinds() -> list[Kind]:
    """Return the submissions of lesson 1 that are varied."""
    lesson = tree.lesson(1)
    right = answer_files(lesson)
    found: list[Kind] = [("right", right, (10, "graded"))] * 20
    warm = launcher()
    try:
        for wrong in corpus.wrong_solutions(lesson):
            with corpus.written(lesson, wrong) as folder:
                place = folder / lesson.package
                files = {path.name: path.read_bytes() for path in place.glob("*.py")}
                points = grade(lesson, folder, warm, seed="s").points
                found.append(("wrong", right | files, (points, "graded")))
    finally:
        warm.close()
    found += [("broken", right | {"app.py": b"def ("}, (0, "does not start"))] * 3
    for path in sorted(HOSTILE.glob("*.py")):
        said = dict(re.findall(r"^# ([a-z ]+): (.*)$", path.read_text("utf-8"), re.MULTILINE))
        if not {"seconds", "caps", "lesson", "needs"} & set(said):
            plan = (int(said["points"]), said["status"])
            found.append((path.stem, right | {"app.py": path.read_bytes()}, plan))
    return found


def written(place: Path, many: int) -> dict[str, Plan]:
    """Write the submissions; return what is planned for each."""
    listed, planned = kinds(), {}
    package = tree.lesson(1).package
    for number in range(many):
        name, files, plan = listed[number % len(listed)]
        student = f"{number:04d}-{name}"
        planned[student] = plan
        for file, content in files.items():
            target = place / student / "lessons" / package / file
            target.parent.mkdir(parents=True, exist_ok=True)
            extra = b"\n# submission %d\n" % number if file == "app.py" else b""
            target.write_bytes(content + extra)
    return planned


def finished(journal: Path) -> int:
    """Return how many verdicts are on disk."""
    return journal.read_bytes().count(b"\n") - 1 if journal.is_file() else 0


def killed_twice(words: list[str], out: Path, many: int) -> int:
    """Run until it ends by itself; kill it with all its children after a third and two thirds."""
    kills = [many // 3, 2 * many // 3]
    while True:
        journal = out / "journal.jsonl"
        resumed = ["--resume"] if journal.exists() else []
        running = subprocess.Popen([*words, *resumed], start_new_session=True)
        while running.poll() is None:
            if kills and finished(journal) >= kills[0]:
                print(f"killed after {finished(journal)} verdicts", flush=True)
                os.killpg(running.pid, signal.SIGKILL)
                kills.pop(0)
            time.sleep(0.05)
        if running.returncode != -signal.SIGKILL:
            return running.returncode


def main() -> None:
    """Grade, and compare each verdict with its plan."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbook-bench-") as name:
        place, out = Path(name, "class"), Path(name, "out")
        planned = written(place, given.submissions)
        words = [sys.executable, "-m", "workbook", "grade", str(place), "--out", str(out)]
        words += ["--lessons", "1", "--jobs", str(given.jobs)]
        start = time.monotonic()
        code = killed_twice(words, out, given.submissions)
        seconds = time.monotonic() - start
        with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["submission"]: row for row in csv.DictReader(file)}
    odd = {
        student: (int(rows[student]["points"]), rows[student]["status"], plan)
        for student, plan in planned.items()
        if (int(rows[student]["points"]), rows[student]["status"]) != plan
    }
    each = seconds / len(planned)
    print(f"{len(rows)} submissions, {seconds:.0f} s, {each * 1000:.0f} ms each, exit code {code}")
    print(dict(Counter(status for _, status in planned.values())))
    for student, what in odd.items():
        print(f"NOT AS PLANNED {student}: {what}")
    sys.exit(bool(odd) or code)


if __name__ == "__main__":
    main()
