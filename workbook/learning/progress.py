"""What the learner has reached: a small text file that can be lost without losing any work."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbook.grading.report import Report
from workbook.learning.files import write_whole
from workbook.tree import VAR


@dataclass(frozen=True)
class Reached:
    """The last verdict on one lesson and the hints seen, by task."""

    points: int = 0
    max_points: int = 0
    done: bool = False
    hints: tuple[tuple[int, int], ...] = ()


class Progress:
    """The file `progress.json` in the folder given (default: `WORKBOOK_VAR`, else `var/`).

    A file that cannot be read counts as empty and is set aside, never overwritten.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or Path(os.environ.get("WORKBOOK_VAR") or VAR)) / "progress.json"
        self._lessons: dict[str, dict[str, Any]] = self._read()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            read = json.loads(self.path.read_text("utf-8"))
            return {str(number): dict(entry) for number, entry in read["lessons"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            aside = self.path.with_suffix(".unreadable.json")
            if not aside.exists():
                self.path.replace(aside)
            return {}

    def of(self, number: int) -> Reached:
        """Return what was reached in a lesson."""
        entry = self._lessons.get(str(number), {})
        hints = entry.get("hints", {})
        return Reached(
            points=int(entry.get("points", 0)),
            max_points=int(entry.get("max_points", 0)),
            done=bool(entry.get("done", False)),
            hints=tuple((int(task), int(seen)) for task, seen in hints.items()),
        )

    def record(self, report: Report) -> None:
        """Keep a verdict."""
        entry = self._lessons.setdefault(str(report.lesson.number), {})
        entry |= {"points": report.points, "max_points": report.max_points, "done": report.done}
        self._write()

    def next_hint(self, number: int, task: int, available: int) -> int:
        """Return the index of the next hint (0 is the first) and keep that it was seen.

        After the last one the last one comes again.
        """
        hints = self._lessons.setdefault(str(number), {}).setdefault("hints", {})
        seen = int(hints.get(str(task), 0))
        hints[str(task)] = min(seen + 1, available)
        self._write()
        return min(seen, available - 1)

    def _write(self) -> None:
        write_whole(self.path, json.dumps({"lessons": self._lessons}, indent=1) + "\n")
