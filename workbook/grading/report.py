"""The verdict on one lesson, and the forms in which it is written down."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workbook.grading.api import Api
from workbook.grading.engine import USUAL, Bounds, Outcome, Run
from workbook.grading.messages import message
from workbook.running.server import Launcher
from workbook.tree import Lesson

FORMAT_VERSION = 1
KNOWN = "known_mistakes.json"


@dataclass(frozen=True)
class Report:
    """All outcomes of one lesson, in order."""

    lesson: Lesson
    outcomes: tuple[Outcome, ...]
    ended: str = ""
    """Why the submission was ended before its last check, if it was."""
    files: frozenset[str] | None = None
    """The names of its files; without them, those of the answer are taken for granted."""

    @property
    def points(self) -> int:
        """The points that the submission has; never less than none."""
        return max(0, sum(outcome.points for outcome in self.outcomes))

    @property
    def max_points(self) -> int:
        """The points that there are."""
        return sum(outcome.check.points for outcome in self.outcomes)

    @property
    def done(self) -> bool:
        """Whether every check passed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def tasks_done(self) -> tuple[int, ...]:
        """The learner's tasks of which every check passed."""
        open_tasks = {one.check.task for one in self.outcomes if not one.passed}
        return tuple(task.number for task in self.lesson.tasks if task.number not in open_tasks)

    @property
    def first(self) -> Outcome | None:
        """The outcome that the learner should look at first, or None when all passed.

        That is the first failure; without one the first part not written; then the rest.
        """
        for words in (("failed", "broken", "timed out"), ("not written yet",), ()):
            for outcome in self.outcomes:
                if outcome.word in words or (not words and not outcome.passed):
                    return outcome
        return None

    def message(self, outcome: Outcome | None = None) -> str:
        """Return one outcome's message; without one, the first's, or nothing when all passed."""
        outcome = outcome or self.first
        if outcome is None:
            return ""
        known = known_mistakes(self.lesson.checks) if outcome is self.first else {}
        looks_like = known.get(signature(self.outcomes), "")
        return message(outcome, self.lesson, looks_like, self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return the lesson's part of `results.json`."""
        return {
            "number": self.lesson.number,
            "points": self.points,
            "max_points": self.max_points,
            "checks": [
                {
                    "id": outcome.check.id,
                    "title": outcome.check.title,
                    "task": outcome.check.task,
                    "points": outcome.points,
                    "max_points": outcome.check.points,
                    "outcome": outcome.word,
                    "message": "" if outcome.passed else self.message(outcome),
                }
                for outcome in self.outcomes
            ],
        }


def grade(
    lesson: Lesson,
    folder: Path,
    launcher: Launcher,
    *,
    seed: str = "",
    slow: bool = True,
    bounds: Bounds = USUAL,
    afterwards: Callable[[Lesson, Api], None] | None = None,
    environment: dict[str, str] | None = None,
    last: str = "",
) -> Report:
    """Grade one lesson of a submission.

    `folder` holds the lesson packages. `slow=False` leaves out the checks that pay for password
    hashing at its default price. `afterwards` gets the server, if it ran, before it is removed.
    `environment` are variables that this server gets, such as a DATABASE_URL. `last` is the id of
    the check that is asked last, by default the lesson's last one.
    """
    with Run(lesson, folder, launcher, seed, bounds, environment or {}, last) as run:
        report = Report(lesson, tuple(run.all(slow=slow)), run.ended, run.files)
        if afterwards and run.api:
            afterwards(lesson, run.api)
        return report


def results(submission: str, reports: list[Report]) -> str:
    """Return `results.json`: the verdict on one submission, as text."""
    whole = {
        "format_version": FORMAT_VERSION,
        "submission": submission,
        "lessons": [report.to_dict() for report in reports],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def signature(outcomes: tuple[Outcome, ...]) -> str:
    """Return which checks failed, and what the first one wanted and got: a known mistake's mark.

    Slow checks count only where no other failed, so that leaving them out changes no mark.
    """
    failed = [outcome for outcome in outcomes if outcome.word == "failed"]
    failed = [outcome for outcome in failed if not outcome.check.slow] or failed
    if not failed:
        return ""
    got = failed[0].got if re.fullmatch(r"\d{3}", failed[0].got) else ""
    wanted = re.sub(r"[0-9a-f]{6,}|\d{4,}", "…", failed[0].expected)  # drawn words and times
    return " ".join(filter(None, [*(outcome.check.id for outcome in failed), got, f"({wanted})"]))


@cache
def known_mistakes(checks: Path) -> dict[str, str]:
    """Return the explanations of known mistakes, by signature (generated from the corpus)."""
    path = checks / KNOWN
    if not path.exists():
        return {}
    known: dict[str, str] = json.loads(path.read_text("utf-8"))
    return known
