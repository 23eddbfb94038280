"""Writing all reports of a class run from its results: each file whole, or as it was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from workbook.classroom import formats, overview, pages, tables
from workbook.classroom.results import Result, file_name, shown
from workbook.classroom.run import UNFINISHED
from workbook.learning.files import write_whole

One = Callable[[Result, Result], str]
"""Makes a student's file from the whole result and from what the student may see of it."""


def _gradescope(result: Result, seen: Result) -> str:
    hidden = sum(lesson.get("hidden_checks", 0) for lesson in seen["lessons"])
    return formats.gradescope(seen, hidden)


def _classroom50(result: Result, seen: Result) -> str:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return formats.classroom50(seen, dict(os.environ), moment)


def _whole_json(result: Result, seen: Result) -> str:
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


ALWAYS: dict[str, tuple[str, One]] = {
    "results": (".json", _whole_json),
    "junit": (".xml", lambda result, seen: formats.junit(result)),
    "feedback": (".html", lambda result, seen: pages.feedback_html(seen)),
    "feedback-markdown": (".md", lambda result, seen: pages.feedback_markdown(seen)),
}
ON_REQUEST: dict[str, tuple[str, One]] = {
    "gradescope": (".json", _gradescope),
    "classroom50": (".json", _classroom50),
    "actions": (".txt", lambda result, seen: formats.actions(seen)),
}
"""Folders of a file a student, each with its ending; `--format` asks for the second kind."""
TABLES = {"nbgrader": tables.nbgrader, "canvas": tables.canvas}
FORMATS = (*ON_REQUEST, *TABLES)


def write(
    results: Sequence[Result], out: Path, wanted: Sequence[str] = (), hidden: Sequence[str] = ()
) -> list[Path]:
    """Write the reports below `out`; return those that an instructor opens first.

    `wanted` are names in FORMATS, `hidden` patterns of checks that students do not see. Raises
    OSError; what was written is whole.
    """
    kinds = ALWAYS | {name: ON_REQUEST[name] for name in wanted if name in ON_REQUEST}
    aside = out / UNFINISHED
    for result in results:
        seen = shown(result, hidden)
        name = file_name(result["submission"])
        for folder, (ending, made) in kinds.items():
            write_whole(out / folder / f"{name}{ending}", made(result, seen), aside)
    whole = {"grades.csv": tables.grades(results), "class.html": overview.class_page(results)}
    whole |= {f"{name}.csv": TABLES[name](results) for name in wanted if name in TABLES}
    for name, text in whole.items():
        write_whole(out / name, text, aside)
    shutil.rmtree(aside)  # with what a run that was killed has left there
    return [out / "grades.csv", out / "class.html", out / "feedback"]
