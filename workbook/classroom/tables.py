"""Tables for gradebooks: our own, nbgrader's and Canvas's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from workbook.classroom.results import MISSING, Result

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a cell a formula in a spreadsheet, when it stands first."""


def _cell(text: str) -> str:
    """Return text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _written(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for row in rows:
        table.writerow([_cell(one) if isinstance(one, str) else one for one in row])
    return text.getvalue()


def _numbers(results: Sequence[Result]) -> list[int]:
    return sorted({lesson["number"] for result in results for lesson in result["lessons"]})


def grades(results: Sequence[Result]) -> str:
    """Return `grades.csv`: a row a student, a column a lesson."""
    numbers = _numbers(results)
    head = ["submission", "student", "status", *(f"lesson_{number:02d}" for number in numbers)]
    rows: list[list[object]] = [[*head, "points", "max_points", "note"]]
    for result in results:
        by_number = {lesson["number"]: lesson["points"] for lesson in result["lessons"]}
        points = [by_number.get(number, "") for number in numbers]
        said = [result["submission"], result["student"], result["status"]]
        rows.append([*said, *points, result["points"], result["max_points"], result["note"]])
    return _written(rows)


def nbgrader(results: Sequence[Result]) -> str:
    """Return the form of nbgrader's `export`: a row a student and lesson."""
    columns = "assignment duedate timestamp student_id last_name first_name email raw_score "
    columns += "late_submission_penalty score max_score"
    rows: list[Sequence[object]] = [columns.split()]
    for result in results:
        for lesson in result["lessons"]:
            points = float(lesson["points"])
            name = f"lesson_{lesson['number']:02d}"
            who = [result["submission"], "", result["student"], ""]
            rows.append([name, "", "", *who, points, 0.0, points, float(lesson["max_points"])])
    return _written(rows)


def canvas(results: Sequence[Result]) -> str:
    """Return the form of Canvas's gradebook import; students are matched by `SIS Login ID`.

    A lesson that was not handed in stays empty, which Canvas takes for *no score*.
    """
    numbers = _numbers(results)
    most = {
        lesson["number"]: lesson["max_points"] for result in results for lesson in result["lessons"]
    }
    rows: list[list[object]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(_title, numbers)],
        ["    Points Possible", "", "", "", "", *(f"{most[number]:.2f}" for number in numbers)],
    ]
    for result in results:
        by_number = {one["number"]: one for one in result["lessons"]}
        scores = [
            f"{by_number[number]['points']:.2f}"
            if number in by_number and by_number[number]["status"] != MISSING
            else ""
            for number in numbers
        ]
        rows.append([result["student"], "", "", result["submission"], "", *scores])
    return _written(rows)


def _title(number: int) -> str:
    return f"Lesson {number:02d}"
