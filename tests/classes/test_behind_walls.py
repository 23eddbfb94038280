"""What is right has the same points behind walls as without: they stop harm, and no lesson."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

import pytest

from workbook import tree
from workbook.authoring import corpus
from workbook.authoring.cut import answer_files
from workbook.classroom.worker import graded
from workbook.running.server import Launcher, launcher

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="skipped: no walls on this system")
LESSONS = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()]


@pytest.fixture(scope="module")
def walled() -> Iterator[Launcher]:
    one = launcher(contained=True)
    yield one
    one.close()


def points(lesson: tree.Lesson, files: dict[str, bytes], walled: Launcher) -> tuple[int, int, str]:
    encoded = {name: base64.b64encode(content).decode() for name, content in files.items()}
    task = {"name": "ada", "seed": "a seed", "lessons": {lesson.package: encoded}}
    found = graded(task, walled)[lesson.package]
    told = [one["message"] for one in found["checks"] if one["outcome"] != "passed"]
    return found["points"], found["max_points"], "\n".join(told)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_answer_has_full_points_behind_walls(lesson: tree.Lesson, walled: Launcher) -> None:
    mine, most, told = points(lesson, answer_files(lesson), walled)
    assert mine == most > 0, told


def test_a_race_is_lost_behind_walls(walled: Launcher) -> None:
    """A lock that the grader holds, and who waits for it, are seen from outside the walls, too."""
    lesson = tree.lesson(7)
    hasty = next(one for one in corpus.wrong_solutions(lesson) if one.name.startswith("look first"))
    with corpus.written(lesson, hasty) as folder:
        files = {one.name: one.read_bytes() for one in (folder / lesson.package).glob("*.py")}
    mine, most, told = points(lesson, files, walled)
    assert mine < most
    assert told.startswith("✗ Of many registrations of one name")
