"""The verdict on one submission as data: the one object that every report is written from."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from workbook.classroom.submissions import Submission
from workbook.grading.engine import Outcome
from workbook.grading.messages import safe
from workbook.grading.report import FORMAT_VERSION, Report
from workbook.tree import Lesson

Result = dict[str, Any]
"""One student's `results.json` (docs/results.schema.json says its form)."""
LessonResult = dict[str, Any]

GRADED, BROKEN, LATE, CRASHED = "graded", "does not start", "timed out", "crashed"
LATE_NOTE, DEAD_NOTE = "the lesson's checks took", "the server died"
"""How the note begins that a lesson was ended for its time, or a check for a server that died."""
NOTE_LENGTH = 200
REFUSED, MISSING, OURS = "refused", "not handed in", "infrastructure"


def of_report(report: Report) -> LessonResult:
    """Return a graded lesson's part of a result, with the status that its outcomes tell."""
    words = {outcome.word for outcome in report.outcomes}
    notes = [outcome.note for outcome in report.outcomes]
    status = GRADED
    if "fault of ours" in words:
        status = OURS
    elif report.ended:
        status = LATE if report.ended.startswith(LATE_NOTE) else CRASHED
    elif words == {"broken"}:
        status = BROKEN
    elif words == {"timed out"}:
        status = LATE
    elif any(note.startswith(DEAD_NOTE) for note in notes):
        status = CRASHED
    first = report.first
    note = report.ended or (_cause(report.outcomes[0]) if status == BROKEN else "")
    more = {"status": status, "note": note, "first": first.check.id if first else ""}
    return report.to_dict() | more


def _cause(outcome: Outcome) -> str:
    """Return why a lesson does not start, on one line."""
    told = f"{outcome.fault}: {outcome.note}" if outcome.fault else outcome.note
    return safe(" ".join(told.split()))[:NOTE_LENGTH]


def without(lesson: Lesson, status: str, why: str) -> LessonResult:
    """Return the result of a lesson that was not graded: every check counts, with 0 points."""
    checks = [
        {
            "id": check.id,
            "title": check.title,
            "task": check.task,
            "points": 0,
            "max_points": check.points,
            "outcome": "not reached",
            "message": why,
        }
        for check in _checks(lesson)
    ]
    most = sum(int(str(one["max_points"])) for one in checks)
    return {
        "number": lesson.number,
        "points": 0,
        "max_points": most,
        "checks": checks,
        "status": status,
        "note": "",
        "first": "",
    }


def _checks(lesson: Lesson) -> Iterable[Any]:
    from workbook.grading.checks import checks_of

    return checks_of(lesson).values()


def whole(submission: Submission, lessons: Sequence[LessonResult], walls: dict[str, Any]) -> Result:
    """Return the result of one submission."""
    ended = [f"lesson {one['number']}: {one['note']}" for one in lessons if one.get("note")]
    statuses = {lesson["status"] for lesson in lessons} - {GRADED, MISSING}
    worst = next((one for one in (OURS, REFUSED, LATE, CRASHED, BROKEN) if one in statuses), GRADED)
    return {
        "format_version": FORMAT_VERSION,
        "submission": submission.name,
        "student": submission.student,
        "status": REFUSED if submission.refused else worst,
        "note": "; ".join(filter(None, (submission.refused, submission.note, *ended))),
        "containment": walls,
        "points": sum(lesson["points"] for lesson in lessons),
        "max_points": sum(lesson["max_points"] for lesson in lessons),
        "lessons": list(lessons),
    }


def shown(result: Result, hidden: Sequence[str]) -> Result:
    """Return a result as its student may see it: hidden checks count, and nothing of them shows.

    `hidden` are patterns of `lesson/check`, such as `6/*` or `*/many_callers_at_once`.
    """
    lessons = []
    for lesson in result["lessons"]:
        kept = [c for c in lesson["checks"] if not _hides(hidden, lesson["number"], c["id"])]
        gone = len(lesson["checks"]) - len(kept)
        first = lesson["first"] if any(c["id"] == lesson["first"] for c in kept) else ""
        if not first:
            first = next((c["id"] for c in kept if c["outcome"] == "failed"), "")
        lessons.append(lesson | {"checks": kept, "first": first, "hidden_checks": gone})
    return result | {"lessons": lessons}


def _hides(hidden: Sequence[str], number: int, check: str) -> bool:
    return any(fnmatch.fnmatchcase(f"{number}/{check}", pattern) for pattern in hidden)


def file_name(submission: str) -> str:
    """Return a name for a student's files that no system stumbles over and nobody else has."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", submission).strip("-.")[:60]
    marked = re.search("-[0-9a-f]{8}$", plain)  # it could be the name that somebody else gets
    if plain == submission and not submission.startswith("-") and not marked:
        return plain
    mark = hashlib.sha256(submission.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain or 'student'}-{mark}"
