"""Grading a lesson again at every save, with everything warm."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from watchfiles import Change, PythonFilter, watch

from workbook.grading.engine import Run
from workbook.grading.report import Report
from workbook.running.server import Launcher
from workbook.tree import Lesson


@contextmanager
def saves(folder: Path) -> Iterator[Iterator[None]]:
    """Watch a lesson's folder: give an iterator that waits for the next burst of saves.

    Saves made while nobody waits are kept. The folder above is watched, so that the lesson's
    own may vanish and come back.
    """
    folder = folder.resolve()
    python = PythonFilter()
    ended = threading.Event()
    seen: queue.SimpleQueue[object] = queue.SimpleQueue()

    def wanted(change: Change, path: str) -> bool:
        place = Path(path)
        return place == folder or (place.is_relative_to(folder) and python(change, path))

    def listen() -> None:
        for burst in watch(
            folder.parent, watch_filter=wanted, debounce=50, step=2, stop_event=ended
        ):
            seen.put(burst)

    def bursts() -> Iterator[None]:
        while True:
            seen.get()
            while not seen.empty():
                seen.get()
            yield

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield bursts()
    finally:
        ended.set()
        listener.join()


def verdicts(
    lesson: Lesson, folder: Path, launcher: Launcher, *, slow: bool = True
) -> Iterator[Report]:
    """Grade once, then again after each save; `folder` holds the lesson's package.

    `slow=False` leaves out the checks that pay for password hashing at its default price.
    """
    with saves(folder / lesson.package) as bursts:
        for _ in chain([None], bursts):
            with Run(lesson, folder, launcher) as run:
                yield Report(
                    lesson, tuple(run.all(slow=slow)), files=run.files
                )  # and then end the server
