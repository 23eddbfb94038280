"""Where the lessons live and what each one says of itself.

Nothing in `workbook/` names a lesson: number, title, tasks and hints are read from the
`lesson.toml` beside each starter.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = ROOT / "notebooks"
CHECKS = ROOT / "tests"
VAR = ROOT / "var"
PRISTINE = ".starters"
"""Where, in its lessons folder, a learner's edition keeps the starters as they were cut."""


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
    removes: tuple[str, ...]
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


def manifest() -> dict[str, dict[str, str]]:
    """Return the hashes of every starter file as cut, by lesson; empty before the first cut."""
    try:
        text = (LESSONS / "manifest.json").read_text(encoding="utf-8")
        listed: dict[str, dict[str, str]] = json.loads(text)
    except (FileNotFoundError, ValueError):
        return {}
    return listed


def _read(folder: Path) -> Lesson:
    """Read a lesson; one whose description is missing or broken says so in its title."""
    try:
        return _described(folder, tomllib.loads((folder / "lesson.toml").read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        problem = "its lesson.toml is missing" if folder.is_dir() else "its folder is missing"
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        problem = f"its lesson.toml cannot be read: {str(error).splitlines()[0]}"
    said = {"title": f"({problem})", "question": f"({problem})", "goals": (), "minutes": 0}
    return _described(folder, said | {"tasks": ()})


def _described(folder: Path, described: dict[str, Any]) -> Lesson:
    files = described.get("files", {})
    return Lesson(
        number=_number(folder.name),
        package=folder.name,
        title=described["title"],
        question=described["question"],
        goals=tuple(described["goals"]),
        minutes=described["minutes"],
        words=tuple(described.get("words", ())),
        adds=tuple(files.get("adds", ())),
        changes=tuple(files.get("changes", ())),
        given=tuple(files.get("given", ())),
        removes=tuple(files.get("removes", ())),
        tasks=tuple(
            Task(task["number"], task["title"], task["file"], tuple(task["hints"]))
            for task in described["tasks"]
        ),
    )


def _number(package: str) -> int:
    return int(package.split("_")[1])


@cache
def lessons() -> tuple[Lesson, ...]:
    """Return every lesson, in the order of their numbers.

    The manifest knows the names. So a folder that is missing still counts, and a copy that the
    learner keeps beside the lesson does not. (To rename a lesson, delete the manifest and cut.)
    """
    packages = list(manifest())
    numbers = {_number(package) for package in packages}
    found = (path.parent.name for path in LESSONS.glob("lesson_[0-9][0-9]_*/lesson.toml"))
    packages += [package for package in found if _number(package) not in numbers]
    return tuple(sorted((_read(LESSONS / one) for one in packages), key=lambda one: one.number))


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
    known = [candidate.number for candidate in lessons()]
    which = f"The lessons are {known[0]} to {known[-1]}." if known else "There are no lessons here."
    raise UnknownLesson(f"There is no lesson {number!s}. {which}")
