"""Saying how a check ended, in at most eight lines that name the cause."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbook.grading.engine import STANDS_ON, Outcome
from workbook.grading.expect import shown
from workbook.talking.exchange import Answer
from workbook.tree import Lesson

SYMBOLS = {
    "passed": "✓",
    "failed": "✗",
    "not written yet": "…",
    "not reached": "-",
    "broken": "!",
    "timed out": "!",
    "fault of ours": "?",
}
REASONS = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Reason phrases of RFC 9110; Pythons before 3.13 send those of older standards."""
BEFORE = "worked before: costs a point"
TELLING = ("www-authenticate", "cache-control", "location", "retry-after")


def safe(text: str) -> str:
    """Return text from a submission without control characters that a terminal would obey."""
    return "".join(
        letter if letter.isprintable() or letter == " " else f"\\x{ord(letter):02x}"
        for letter in text
    )


def came_back(answer: Answer) -> str:
    """Return an answer in one line."""
    if not answer.status:
        return f"nothing: {answer.problem}"
    headers = [
        f"{name}: {shown(value)}"
        for name, value in answer.headers
        if name.lower() in TELLING
    ]  # fmt: skip
    return "  ".join(
        [
            f"{answer.status} {REASONS.get(answer.status, shown(answer.reason))}".strip(),
            *headers,
            shown(answer.text),
        ]
    ).strip()


def message(
    outcome: Outcome, lesson: Lesson, looks_like: str = "", files: frozenset[str] | None = None
) -> str:
    """Return the message of a check that did not pass: at most eight lines, the cause first.

    `looks_like` is the explanation of a mistake that was recognised; `files` are the names of those
    that the submission has: nobody is sent to one that is not there.
    """
    check = outcome.check
    worth = f"task {check.task}, {_points(check.points)}" if check.task else BEFORE
    lines = [f"{SYMBOLS[outcome.word]} {check.title} ({worth})"]
    if outcome.word in ("broken", "timed out") and not outcome.exchange:
        place = f"{lesson.package}/{outcome.fault}: " if outcome.fault else ""
        lines.append(f"  {lesson.package} does not start: {place}{outcome.note}")
        return _joined(lines)
    if outcome.word == "not reached":
        return _joined([*lines, f"  not reached: {outcome.note}"])
    if outcome.word == "fault of ours":
        return _joined([*lines, "  a bug of the workbook, not yours:", *outcome.note.splitlines()])
    if outcome.exchange:
        lines.append(f"  {outcome.exchange.curl()}")
    if outcome.word == "not written yet":
        lines.append(f"  not written yet: {outcome.note}")
        return _joined([*lines, *_where(outcome, lesson, files)])
    if outcome.exchange:
        lines.append(f"  came back: {came_back(outcome.exchange.answer)}")
    if outcome.fault:
        lines.append(f"  the cause: {outcome.fault}")
    if outcome.expected == STANDS_ON:  # what the check is about was not even asked
        return _joined([*lines, f"  this check needs something else first: {outcome.got}"])
    if outcome.expected:
        lines.append(f"  expected {outcome.expected}, got {outcome.got}")
    if looks_like:
        lines.append(f"  looks like: {looks_like}")
    elif check.why:
        lines.append(f"  why it matters: {check.why}")
    return _joined([*lines, *_where(outcome, lesson, files)])


def _where(outcome: Outcome, lesson: Lesson, files: frozenset[str] | None) -> list[str]:
    check = outcome.check
    places = []
    task = next((one for one in lesson.tasks if one.number == check.task), None)
    file = check.file or (task.file if task else "")
    if files is not None and not files.intersection(re.findall(r"\w+\.py", file)):
        file = ""
    if task:
        places.append(f"task {task.number} in {file}" if file else f"task {task.number}")
        places.append(f"uv run workbook hint {lesson.number} {task.number}")
    elif file:
        places.append(file)
    if check.see:
        places.append(check.see)
    return [f"  look at: {' · '.join(places)}"] if places else []


def _points(points: int) -> str:
    return f"{points} point" if points == 1 else f"{points} points"


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(safe(line) for line in lines)
