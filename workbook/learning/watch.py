"""Grading a lesson again at every save, with everything warm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from watchfiles import PythonFilter, watch

from workbook.grading.report import Report, grade
from workbook.running.server import Launcher
from workbook.tree import Lesson


def saves(lesson: Lesson, stop: object = None) -> Iterator[None]:
    """Yield once at the start and once for each burst of saves in the lesson's folder."""
    yield
    for _ in watch(
        lesson.starter,
        watch_filter=PythonFilter(),
        debounce=50,
        step=10,
        stop_event=stop,  # type: ignore[arg-type]
        raise_interrupt=False,
    ):
        yield


def verdicts(lesson: Lesson, folder: Path, launcher: Launcher) -> Iterator[Report]:
    """Grade once, then again after each save."""
    for _ in saves(lesson):
        yield grade(lesson, folder, launcher)
