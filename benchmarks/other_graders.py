"""The same submission and the same checks under two graders of notebooks.

A submission is a notebook: its first cell writes the answer's files, as a learner's would, and its
second asks the lesson's checks. otter-grader starts anew for each submission, nbgrader takes a
folder of them. Neither has walls.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from scratch import environment

from workbook import tree
from workbook.authoring.cut import answer_files

THEIRS = ["otter-grader==7.*", "nbgrader==0.9.6"]
BATCH = 10
"""How many submissions nbgrader takes at once."""
ANSWER = """
from pathlib import Path
for name, text in {files!r}.items():
    path = Path("lessons", {package!r}, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
"""
CHECKS = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from workbook import tree
from workbook.grading.report import grade
from workbook.running.server import launcher
warm = launcher()
report = grade(tree.lesson({number}), Path("lessons").resolve(), warm)
warm.close()
assert report.points == report.max_points, report.message()
"""


@dataclass(frozen=True)
class Graders:
    """Both graders, with an assignment that is ready to be graded."""

    place: Path
    programs: Path

    def otter(self) -> float:
        """Grade one submission by `otter run`; return the seconds it took."""
        start = time.perf_counter()
        words = ["run", "--no-logo", "-a", "autograder.zip", "submission.ipynb"]
        said = self._run("otter", *words, within=self.place)
        _full_points("(100.000%)" in said, said)
        return time.perf_counter() - start

    def nbgrader(self) -> float:
        """Grade a batch by `nbgrader autograde`; return the seconds that each took."""
        start = time.perf_counter()
        self._run("nbgrader", "autograde", "lesson", "--force", within=self.place / "course")
        taken = (time.perf_counter() - start) / BATCH
        marked = list(self.place.glob("course/autograded/*/lesson/lesson.ipynb"))
        errors = [path for path in marked if '"output_type": "error"' in path.read_text("utf-8")]
        _full_points(len(marked) == BATCH and not errors, f"{len(marked)} graded, {errors} failed")
        return taken

    def _run(self, program: str, *words: str, within: Path) -> str:
        # Their kernel is found by name: the environment's own has to come first.
        search = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(self.programs / program), *words],
            cwd=within, env=os.environ | {"PATH": search}, capture_output=True, text=True,
        )  # fmt: skip
        _full_points(done.returncode == 0, done.stdout + done.stderr)
        return done.stdout


def _full_points(right: bool, said: str) -> None:
    if not right:
        raise SystemExit(f"another grader did not give full points:\n{said}")


def _notebook(*cells: Any) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.writes(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}))


def _cell(source: str, name: str, **marks: Any) -> Any:
    plain = {"schema_version": 3, "grade": False, "solution": False, "task": False}
    plain |= {"locked": False, "grade_id": name}
    return new_code_cell(source, metadata={"nbgrader": plain | marks})


def _doctest(source: str) -> str:
    """Return a test file in otter's form, which is a doctest."""
    case = "\n".join(f">>> {line}" for line in source.splitlines())
    suite = {"cases": [{"code": case, "hidden": False, "locked": False}], "type": "doctest"}
    suite |= {"scored": True, "setup": "", "teardown": ""}
    test = {"name": "lesson", "points": 1, "suites": [suite]}
    return f"OK_FORMAT = True\ntest = {test!r}\n"


@contextmanager
def installed(lesson: tree.Lesson) -> Iterator[Graders]:
    """Give both graders, in an environment with the very packages of the workbook."""
    files = {name: content.decode() for name, content in answer_files(lesson).items()}
    answer = ANSWER.format(files=files, package=lesson.package).strip()
    checks = CHECKS.format(root=str(tree.ROOT), number=lesson.number).strip()
    with TemporaryDirectory(prefix="workbook-bench-") as name:
        place = Path(name)
        lock = ["-r", str(tree.ROOT / "requirements.lock")]
        graders = Graders(place, environment(place / "environment", [*lock, *THEIRS]))
        written = {
            "tests/lesson.py": _doctest(checks),
            "submission.ipynb": _notebook(new_code_cell(answer)),
        }
        marked = _notebook(
            _cell(answer, "answer", solution=True),
            _cell(checks, "checks", grade=True, locked=True, points=1),
        )
        students = [f"submitted/student{number}" for number in range(BATCH)]
        for where in ("source", *students):
            written[f"course/{where}/lesson/lesson.ipynb"] = marked
        for where, text in written.items():
            path = place / where
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        bare = ["--no-environment", "--no-requirements", "--no-config"]
        graders._run(
            "otter", "generate", "-t", "tests", "-o", "autograder.zip", *bare, within=place
        )
        graders._run("nbgrader", "generate_assignment", "lesson", within=place / "course")
        yield graders
