"""The class page: which checks the class fails most, and how its points are spread."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbook.classroom.pages import document
from workbook.classroom.results import MISSING, Result

MOST = 20
"""How many checks the picture shows."""
ROW, BAR, LEFT = 26, 300, 470  # pixels


@dataclass(frozen=True)
class Failing:
    """One check and how many of those who handed its lesson in did not pass it."""

    number: int
    title: str
    failed: int
    of: int

    @property
    def share(self) -> float:
        """The part that did not pass, from 0 to 1."""
        return self.failed / self.of


def failing(results: Sequence[Result]) -> list[Failing]:
    """Return the checks that somebody did not pass, those that most fail first."""
    asked: Counter[tuple[int, str]] = Counter()
    failed: Counter[tuple[int, str]] = Counter()
    titles: dict[tuple[int, str], str] = {}
    for result in results:
        for lesson in result["lessons"]:
            if lesson["status"] == MISSING:
                continue
            for check in lesson["checks"]:
                key = (lesson["number"], check["id"])
                titles[key] = check["title"]
                asked[key] += 1
                failed[key] += check["outcome"] != "passed"
    found = [Failing(key[0], titles[key], failed[key], asked[key]) for key in titles if failed[key]]
    return sorted(found, key=lambda one: (-one.share, one.number, one.title))


def _picture(found: list[Failing]) -> str:
    """Return bars as an inline drawing, each with its sentence for those who do not see it."""
    height = len(found) * ROW + 8
    words = "; ".join(f"{_sentence(one)}" for one in found)
    parts = [
        f'<svg role="img" aria-labelledby="failing-title failing-words" width="{LEFT + BAR + 110}" '
        f'height="{height}" viewBox="0 0 {LEFT + BAR + 110} {height}">',
        '<title id="failing-title">Which checks the class fails most</title>',
        f'<desc id="failing-words">{html.escape(words)}</desc>',
    ]
    for place, one in enumerate(found):
        y = place * ROW + 6
        name = one.title if len(one.title) <= 56 else one.title[:55] + "…"
        label = html.escape(f"{one.number}. {name}")
        wide = max(one.share * BAR, 2)
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end" font-size="13" '
            f'fill="var(--ink)">{label}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{wide:.0f}" height="18" rx="3" fill="var(--bar)"/>'
            f'<text x="{LEFT + wide + 8:.0f}" y="{y + 14}" font-size="13" fill="var(--ink)">'
            f"{one.failed} of {one.of}</text>"
        )
    return "".join([*parts, "</svg>"])


def _sentence(one: Failing) -> str:
    return f"lesson {one.number}, {one.title}: {one.failed} of {one.of} did not pass"


def class_page(results: Sequence[Result]) -> str:
    """Return the instructor's page over a whole class."""
    parts = ["<h1>The class</h1>", f"<p>{len(results)} submissions.</p>", _statuses(results)]
    if found := failing(results)[:MOST]:
        parts.append("<h2>Which checks the class fails most</h2>")
        parts.append(f'<div style="overflow-x:auto" tabindex="0">{_picture(found)}</div>')
    parts.append("<h2>Points by lesson</h2>")
    parts.append(_lessons(results))
    parts.append("<h2>To look at</h2>")
    parts.append(_odd(results))
    return document("The class", "\n".join(parts))


def _rows(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    cells = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(one))}</td>" for one in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def _statuses(results: Sequence[Result]) -> str:
    count = Counter(result["status"] for result in results)
    return _rows(["Status", "Submissions"], count.most_common())


def _lessons(results: Sequence[Result]) -> str:
    points: dict[int, list[Any]] = {}
    for result in results:
        for lesson in result["lessons"]:
            if lesson["status"] != MISSING:
                points.setdefault(lesson["number"], []).append(lesson)
    rows = []
    for number, lessons in sorted(points.items()):
        scores = sorted(lesson["points"] for lesson in lessons)
        full = sum(lesson["points"] == lesson["max_points"] for lesson in lessons)
        middle = scores[len(scores) // 2]
        rows.append([number, len(scores), middle, lessons[0]["max_points"], full])
    return _rows(["Lesson", "Handed in", "Median", "Of", "With full points"], rows)


def _odd(results: Sequence[Result]) -> str:
    odd = [
        [result["submission"], result["student"], result["status"], result["note"]]
        for result in results
        if result["status"] != "graded" or result["note"]
    ]
    head = ["Submission", "Student", "Status", "Note"]
    return _rows(head, odd) if odd else "<p>Nothing: every submission was graded.</p>"
