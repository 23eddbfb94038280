"""Where the lessons live and what each one says of itself.

Nothing in `workbook/` names a lesson: number, title, tasks and hints are read from the
`lesson.toml` beside each starter.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = ROOT / "notebooks"
CHECKS = ROOT / "tests"
VAR = ROOT / "var"


class UnknownLesson(Exception):
    """Somebody asked for a lesson that does not exist; the message names those that do."""


@dataclass(frozen=True)
class Task:
    """One piece that the learner writes."""

    number: int
    title: str
    file: str
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """One lesson as its `lesson.toml` describes it."""

    number: int
    package: str
    title: str
    question: str
    goals: tuple[str, ...]
    minutes: int
    words: tuple[str, ...]
    adds: tuple[str, ...]
    changes: tuple[str, ...]
    given: tuple[str, ...]
    tasks: tuple[Task, ...]

    @property
    def slug(self) -> str:
        """The short name that its notebook carries: `05_bearer`."""
        return self.package.removeprefix("lesson_")

    @property
    def starter(self) -> Path:
        """The folder that the learner edits."""
        return LESSONS / self.package

    @property
    def solution(self) -> Path:
        """The folder of the answer; a learner's edition has none."""
        return SOLUTIONS / self.package

    @property
    def notebook(self) -> Path:
        """The built walkthrough."""
        return NOTEBOOKS / f"{self.slug}.ipynb"

    @property
    def checks(self) -> Path:
        """The folder of the graded checks."""
        return CHECKS / f"lesson_{self.number:02d}"


def played() -> Path:
    """Return the folder of lessons that notebooks play on: `WORKBOOK_TREE`, else the learner's."""
    return ROOT / (os.environ.get("WORKBOOK_TREE") or LESSONS.name)


def _read(folder: Path) -> Lesson:
    described = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
    files = described.get("files", {})
    return Lesson(
        number=int(folder.name.split("_")[1]),
        package=folder.name,
        title=described["title"],
        question=described["question"],
        goals=tuple(described["goals"]),
        minutes=described["minutes"],
        words=tuple(described.get("words", ())),
        adds=tuple(files.get("adds", ())),
        changes=tuple(files.get("changes", ())),
        given=tuple(files.get("given", ())),
        tasks=tuple(
            Task(task["number"], task["title"], task["file"], tuple(task["hints"]))
            for task in described["tasks"]
        ),
    )


@cache
def lessons() -> tuple[Lesson, ...]:
    """Return every lesson, in the order of their numbers."""
    found = (path.parent for path in LESSONS.glob("lesson_[0-9][0-9]_*/lesson.toml"))
    return tuple(sorted((_read(folder) for folder in found), key=lambda lesson: lesson.number))


def lesson(number: int | str) -> Lesson:
    """Return the lesson with this number (`5`, `"5"` or `"05"`).

    Raises UnknownLesson, with the numbers that exist, for anything else.
    """
    try:
        wanted = int(number)
    except ValueError:
        wanted = -1
    for candidate in lessons():
        if candidate.number == wanted:
            return candidate
    first, last = lessons()[0].number, lessons()[-1].number
    raise UnknownLesson(f"There is no lesson {number!s}. The lessons are {first} to {last}.")
