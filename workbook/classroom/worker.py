"""One grading process: it takes submissions as JSON lines and answers each with its verdicts.

It holds the checks. The submitted code runs in children of another process, the warm one.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook import tree
from workbook.classroom import results
from workbook.classroom.submissions import Submission
from workbook.grading.engine import Bounds
from workbook.grading.report import grade
from workbook.running import processes
from workbook.running.folders import new_home, remove
from workbook.running.server import Launcher, launcher
from workbook.storing import files

BOUNDS = Bounds(start=10.0, lesson=45.0)
ALL_LESSONS = 4
"""How many times the time for one lesson all those of a submission may take."""


def task_of(submission: Submission, packages: list[str], seed: str) -> dict[str, Any]:
    """Return what a worker is asked: these lessons of a submission, in words that cross a pipe."""
    lessons = {
        package: {
            path: base64.b64encode(content).decode()
            for path, content in submission.lessons[package].items()
        }
        for package in packages
    }
    return {"name": submission.name, "seed": seed, "lessons": lessons}


def graded(
    task: dict[str, Any], warm: Launcher, bounds: Bounds = BOUNDS
) -> dict[str, results.LessonResult]:
    """Grade a task; return each lesson's result by package.

    When it returns, no process and no file of the submission is left.
    """
    lessons = {one.package: one for one in tree.lessons()}
    found: dict[str, results.LessonResult] = {}
    end = time.monotonic() + ALL_LESSONS * bounds.lesson
    late = ""
    with _room() as place:
        folder = place / "lessons"
        folder.mkdir(mode=0o700)
        for package, files in sorted(task["lessons"].items()):
            if late:
                found[package] = results.without(lessons[package], results.LATE, late)
                continue
            for path, content in files.items():
                target = folder / package / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(base64.b64decode(content))
            report = grade(lessons[package], folder, warm, seed=task["seed"], bounds=bounds)
            warm.sweep()
            found[package] = results.of_report(report)
            if {one["outcome"] for one in found[package]["checks"]} == {"timed out"}:
                # One that hangs at its start would hang sixteen times.
                late = "not tried: an earlier lesson of this submission did not start in time"
            elif time.monotonic() > end:
                late = "not tried: the earlier lessons of this submission took too long"
    return found


@contextmanager
def _room() -> Iterator[Path]:
    """Give a folder in which everything is made that a submission needs; then it goes."""
    before = tempfile.tempdir
    place = new_home()
    place.chmod(0o711)  # the servers' users pass through
    try:
        tempfile.tempdir = str(place)
        yield place
    finally:
        tempfile.tempdir = before
        remove(place)


def main() -> None:
    """Say which walls stand, then grade until standard input ends, or nobody listens any more."""
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing that is printed on the way may look like an answer
    processes.adopt_orphans()
    warm = launcher(contained=True)

    def told(found: Any) -> bool:
        try:
            files.write(answers, json.dumps(found).encode() + b"\n")
        except BrokenPipeError:  # the run was killed
            return False
        return True

    def stop(*_: object) -> None:
        """End what runs here at once; whoever has sent the signal removes the folders."""
        warm.close()
        os._exit(1)

    signal.signal(signal.SIGTERM, stop)
    try:
        listening = told({"walls": warm.walls.to_dict()})
        while listening and (line := sys.stdin.readline()):
            found = graded(json.loads(line), warm)
            processes.end_descendants(but=warm.pid)  # orphans of a warm process that was lost
            listening = told(found)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        warm.close()


if __name__ == "__main__":
    main()
