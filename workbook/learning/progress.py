"""What the learner has reached: a small text file that can be lost without losing any work."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbook import tree
from workbook.grading.report import Report
from workbook.learning.files import write_whole


@dataclass(frozen=True)
class Reached:
    """The last verdict on one lesson and the hints seen, by task."""

    points: int = 0
    max_points: int = 0
    done: bool = False
    hints: tuple[tuple[int, int], ...] = ()
    tasks_done: tuple[int, ...] = ()


class Progress:
    """The file `progress.json` in the folder given (default: `WORKBOOK_VAR`, else `var/`).

    A file that cannot be read counts as empty and is set aside, never overwritten. Where nothing
    can be written, all goes on without it. `problem` says what happened, if anything did.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or Path(os.environ.get("WORKBOOK_VAR") or tree.VAR)
        self.path = folder / "progress.json"
        self.problem = ""
        self._blocked = False  # a file that could neither be read nor set aside stays as it is
        self._lessons: dict[str, dict[str, Any]] = self._read()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            read = json.loads(self.path.read_text("utf-8"))
            kept = {str(number): dict(entry) for number, entry in read["lessons"].items()}
            for entry in kept.values():
                _reached(entry)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self._block(error)
            return {}
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            self._set_aside()
            return {}
        return kept

    def _set_aside(self) -> None:
        taken = itertools.count(1)
        names = (self.path.with_suffix(f".unreadable-{number}.json") for number in taken)
        aside = next(path for path in names if not path.exists())
        try:
            self.path.rename(aside)
        except OSError as error:
            self._block(error)
        else:
            self.problem = f"Progress could not be read and starts anew; the old file is {aside}."

    def _block(self, error: OSError) -> None:
        self._blocked = True
        self.problem = f"Progress is neither read nor kept: {self.path}: {error.strerror}."

    def of(self, number: int) -> Reached:
        """Return what was reached in a lesson."""
        return _reached(self._lessons.get(str(number), {}))

    def record(self, report: Report) -> None:
        """Keep a verdict."""
        entry = self._lessons.setdefault(str(report.lesson.number), {})
        entry |= {"points": report.points, "max_points": report.max_points, "done": report.done}
        entry["tasks_done"] = list(report.tasks_done)
        self._write()

    def next_hint(self, number: int, task: int, available: int) -> int:
        """Return the index of the next hint (0 is the first) and keep that it was seen.

        After the last one the last one comes again.
        """
        hints = self._lessons.setdefault(str(number), {}).setdefault("hints", {})
        seen = int(hints.get(str(task), 0))
        hints[str(task)] = min(seen + 1, available)
        self._write()
        return max(0, min(seen, available - 1))

    def _write(self) -> None:
        if self._blocked:
            return
        try:
            write_whole(self.path, json.dumps({"lessons": self._lessons}, indent=1) + "\n")
        except OSError as error:
            self.problem = f"Progress could not be kept: {self.path}: {error.strerror}."


def _reached(entry: dict[str, Any]) -> Reached:
    return Reached(
        points=int(entry.get("points", 0)),
        max_points=int(entry.get("max_points", 0)),
        done=bool(entry.get("done", False)),
        hints=tuple((int(task), int(seen)) for task, seen in entry.get("hints", {}).items()),
        tasks_done=tuple(int(task) for task in entry.get("tasks_done", ())),
    )
