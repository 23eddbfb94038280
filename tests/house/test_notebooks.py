"""Each notebook runs from top to bottom: on the starter Mallory wins, on the answer she loses.

The seconds that the cells took are printed (`pytest -rP` shows them) and never judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from workbook import tree
from workbook.attacking.attacks import attacks
from workbook.authoring import notebooks
from workbook.authoring.run import run

LESSONS = [
    pytest.param(tree.lesson(script.name[:2]), id=script.stem) for script in notebooks.sources()
]
OPEN, REFUSED = "The attack works: ", "Refused: "  # as the helper `attack` says it
# What a helper says, without an exception, when it cannot do what its cell wants.
FAULTS = r"Traceback|does not start|There is no \S+ in \w+/lesson_"


@dataclass(frozen=True)
class Ran:
    """One code cell: its text, what it said on one line, and which lesson or wild app was live."""

    source: str
    said: str
    live: str


def cells(notebook: Any) -> list[Ran]:
    """Return the code cells in order; an error or a warning among their outputs fails."""
    found, live = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            live = [live, *re.findall(r"\b(?:live|wild)\(\W?(\w+)", cell.source)][-1]
            said = " ".join(" ".join(_texts(cell)).split())
            assert not re.search(FAULTS, said), f"{cell.source}\n{said}"
            found.append(Ran(cell.source, said, live))
    return found


def _texts(cell: Any) -> Iterator[str]:
    for output in cell.outputs:
        assert output.output_type != "error", cell.source
        assert output.get("name") != "stderr", f"{cell.source}\n{output.text}"
        yield output.text if output.output_type == "stream" else output.data.get("text/plain", "")


def raids(found: list[Ran], lesson: tree.Lesson, word: str) -> list[str]:
    """Return the attacks on the lesson itself that it must close and that ended with this word.

    One that hangs on chance or time is left out.
    """
    titles = [one.title for one in attacks() if one.closes == lesson.number and one.gate]
    said = " ".join(one.said for one in found if one.live == str(lesson.number))
    return [title for title in titles if word + title in said]


def verdict(found: list[Ran], lesson: tree.Lesson) -> str:
    """Return what the graded checks said."""
    (said,) = [one.said for one in found if f"check({lesson.number})" in one.source]
    return said


def played(lesson: tree.Lesson, folder: Path) -> list[Ran]:
    """Run a notebook on a folder of lessons; print what its cells cost."""
    notebook = run(lesson, folder)
    times = sorted(
        (seconds(cell.metadata["execution"]), cell.source.splitlines()[0])
        for cell in notebook.cells
        if "execution" in cell.metadata
    )
    print(f"{sum(took for took, _ in times):.2f} s in {len(times)} cells; the slowest:")
    for took, source in times[:-4:-1]:
        print(f"{took:.2f} s  {source}")
    return cells(notebook)


def seconds(times: dict[str, str]) -> float:
    """Return how long a cell took, by what the kernel said of it."""
    begun, done = times["iopub.execute_input"], times["shell.execute_reply"]
    return (datetime.fromisoformat(done) - datetime.fromisoformat(begun)).total_seconds()


@pytest.mark.parametrize("lesson", LESSONS)
def test_on_the_starter_the_attack_works(lesson: tree.Lesson, starters: Path) -> None:
    found = played(lesson, starters)
    works = raids(found, lesson, OPEN)
    assert works != []
    assert set(raids(found, lesson, REFUSED)) <= set(works)
    assert verdict(found, lesson).startswith("Not yet: 0 of ")


@pytest.mark.parametrize("lesson", LESSONS)
def test_on_the_answer_the_attack_is_refused(lesson: tree.Lesson) -> None:
    found = played(lesson, tree.SOLUTIONS)
    assert raids(found, lesson, REFUSED) != []
    assert raids(found, lesson, OPEN) == []
    assert verdict(found, lesson).startswith("Everything holds: ")
    own = [one for one in found if one.live == str(lesson.number)]
    assert [one.source for one in own if "500 crashed" in one.said] == []


def shown(source: str, **output: Any) -> Any:
    """Make a code cell that was run."""
    made = new_output("execute_result", data={"text/plain": output.pop("plain", "")})
    return new_code_cell(source, outputs=[new_output(**output) if output else made])


def test_what_a_notebook_said_is_read() -> None:
    """The defeat of a wild app or another lesson does not count; a long title may be wrapped."""
    lesson = tree.lesson(1)
    title = next(one.title for one in attacks() if one.closes == 1)
    works, refused = f"✗ The attack works: {title}".replace(" e", "\n e"), f"✓ Refused: {title}"
    ran = [
        shown("live(1)"),
        shown("attack('x')", plain=refused),
        shown("wild('y')"),
        shown("attack('x')", plain=works),
        shown("live(2)"),
        shown("attack('x')", plain=works),
        shown("check(1)", plain="Not yet"),
    ]
    found = cells(new_notebook(cells=ran))
    assert raids(found, lesson, REFUSED) == [title]
    assert raids(found, lesson, OPEN) == []
    assert verdict(found, lesson) == "Not yet"
    assert raids(cells(new_notebook(cells=ran[:1] + ran[3:])), lesson, OPEN) == [title]


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "error", "ename": "E", "evalue": "1"},
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "stream", "name": "stdout", "text": "Traceback (most recent call last):"},
        {"plain": "! Lesson 1 does not start."},
        {"plain": "There is no login in lessons/lesson_01_open_profile: it has app.py."},
    ],
)
def test_a_fault_among_the_outputs_is_found(output: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        cells(new_notebook(cells=[shown("x", **output)]))
