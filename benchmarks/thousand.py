"""A thousand submissions, right, wrong, broken and hostile, graded by a run that is killed twice.

    uv run python benchmarks/thousand.py [--submissions N] [--jobs N] [--lessons N …]

Every verdict must be as planned: the points of each lesson, and the status. The hostile ones are
for lesson 1, and those that would only be slow are left out.
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
from workbook.classroom.results import BROKEN, CRASHED, GRADED, LATE
from workbook.grading.report import grade
from workbook.running.server import launcher

HOSTILE = tree.CHECKS / "hostile"
STATUSES = (GRADED, BROKEN, CRASHED, LATE)
Plan = tuple[int, str]
Kind = tuple[str, dict[str, bytes], Plan]
"""A name, the files of one lesson, and what must come of them: points and status."""


def honest(lesson: tree.Lesson) -> list[Kind]:
    """Return what honest people hand in for a lesson: right, wrong and broken."""
    right = answer_files(lesson)
    warm = launcher()
    try:
        full = grade(lesson, tree.SOLUTIONS, warm).max_points
        found: list[Kind] = [("right", right, (full, GRADED))] * 20
        for wrong in corpus.wrong_solutions(lesson):
            with corpus.written(lesson, wrong) as folder:
                place = folder / lesson.package
                files = {path.name: path.read_bytes() for path in place.glob("*.py")}
                points = grade(lesson, folder, warm).points
                found.append(("wrong", right | files, (points, GRADED)))
    finally:
        warm.close()
    return found + [("broken", right | {"app.py": b"def ("}, (0, BROKEN))] * 3


def hostile() -> list[Kind]:
    """Return the hostile submissions of lesson 1 that end soon and need nothing."""
    right, found = answer_files(tree.lesson(1)), []
    for path in sorted(HOSTILE.glob("*.py")):
        said = dict(re.findall(r"^# ([a-z ]+): (.*)$", path.read_text("utf-8"), re.MULTILINE))
        if not {"seconds", "caps", "lesson", "needs"} & set(said):
            plan = (int(said["points"]), said["status"])
            found.append((path.stem, right | {"app.py": path.read_bytes()}, plan))
    return found


def written(place: Path, many: int, lessons: list[tree.Lesson]) -> dict[str, dict[str, Plan]]:
    """Write the submissions; return what is planned for each, lesson by lesson.

    The kinds of one lesson are dealt out beside those of another so that all pairs come up.
    """
    kinds = {one: honest(one) + (hostile() if one.number == 1 else []) for one in lessons}
    planned: dict[str, dict[str, Plan]] = {}
    for number in range(many):
        student, turn = f"{number:04d}", number
        for lesson, listed in kinds.items():
            name, files, plan = listed[turn % len(listed)]
            turn = number + number // len(listed)
            planned.setdefault(student, {})[f"lesson_{lesson.number:02d}"] = plan
            for file, content in files.items():
                target = place / student / "lessons" / lesson.package / file
                target.parent.mkdir(parents=True, exist_ok=True)
                extra = b"\n# submission %d, %s\n" % (number, name.encode())
                target.write_bytes(content + extra if file == "app.py" else content)
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


def worst(plans: dict[str, Plan]) -> str:
    """Return the status of a student, which is the worst of the lessons."""
    return max((status for _, status in plans.values()), key=STATUSES.index)


def main() -> None:
    """Grade, and compare each verdict with its plan."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lessons", type=int, nargs="*", default=[1], help="1, and others")
    given = parser.parse_args()
    lessons = [tree.lesson(number) for number in given.lessons]
    with tempfile.TemporaryDirectory(prefix="workbook-bench-") as name:
        place, out = Path(name, "class"), Path(name, "out")
        planned = written(place, given.submissions, lessons)
        words = [sys.executable, "-m", "workbook", "grade", str(place), "--out", str(out)]
        words += ["--lessons", ",".join(map(str, given.lessons)), "--jobs", str(given.jobs)]
        start = time.monotonic()
        code = killed_twice(words, out, given.submissions)
        seconds = time.monotonic() - start
        with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["submission"]: row for row in csv.DictReader(file)}
    odd = {
        student: f"{rows[student]}, planned {plans}"
        for student, plans in planned.items()
        if rows[student]["status"] != worst(plans)
        or any(int(rows[student][lesson]) != points for lesson, (points, _) in plans.items())
    }
    each = seconds / len(planned)
    print(f"{len(rows)} submissions, {seconds:.0f} s, {each * 1000:.0f} ms each, exit code {code}")
    print(dict(Counter(worst(plans) for plans in planned.values())))
    for student, what in odd.items():
        print(f"NOT AS PLANNED {student}: {what}")
    sys.exit(bool(odd) or code)


if __name__ == "__main__":
    main()
