"""A notebook's shape: its seven beats, its guesses, its hints and its budget."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import prose

from workbook.authoring import notebooks
from workbook.tree import Lesson

BEATS = (
    "# ", "## Scene", "## Predict", "## Attack", "## Investigate", "## Defend", "## Checkpoint",
    "## Seen in the wild", "## You might ask", "## Recap",
)  # fmt: skip


@dataclass(frozen=True)
class Notebook:
    """A notebook's cells: kind and text."""

    cells: tuple[tuple[str, str], ...]

    @property
    def markdown(self) -> str:
        """All prose, in order."""
        return "\n\n".join(text for kind, text in self.cells if kind == "markdown")

    @property
    def code(self) -> list[str]:
        """The code cells' texts."""
        return [text for kind, text in self.cells if kind == "code"]


def read(script: Path) -> Notebook:
    """Return the notebook that a script gives."""
    cells = json.loads(notebooks.build(script))["cells"]
    return Notebook(tuple((cell["cell_type"], "".join(cell["source"])) for cell in cells))


def calls(book: Notebook, *names: str) -> Iterator[ast.Call]:
    """Give the calls of these functions, in the order of the text."""
    for text in book.code:
        found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
            if isinstance(node.func, ast.Name) and node.func.id in names:
                yield node


def sizes(book: Notebook) -> list[str]:
    """Say which part of the budget is overdrawn."""
    lines = [sum(bool(line.strip()) for line in text.splitlines()) for text in book.code]
    words = len(prose.WORD.findall(prose.plain(book.markdown)))
    kinds = "".join(kind[0] for kind, _ in book.cells)
    faults = {
        f"{len(book.cells)} cells: 30 to 45": not 30 <= len(book.cells) <= 45,
        f"{words} words: 900 to 1,500": not 900 <= words <= 1500,
        f"{median(lines or [0])} lines in the median code cell: 4": median(lines or [0]) > 4,
        f"{max(lines, default=0)} lines in the longest code cell: 15": max(lines, default=0) > 15,
        "three code cells in a row": "ccc" in kinds,
        "it does not begin with words": not kinds.startswith("m"),
        "an empty cell": not all(text.strip() for _, text in book.cells),
    }
    return [fault for fault, found in faults.items() if found]


def headings(book: Notebook) -> list[str]:
    """Return the headings as they are written."""
    return re.findall(r"^#{1,6} .*$", prose.without_blocks(book.markdown), flags=re.M)


def missing_beats(book: Notebook) -> list[str]:
    """Return the beats that have no heading, or none in their order."""
    ahead, missing = iter(headings(book)), []
    for beat in BEATS:
        if not any(heading.startswith(beat) for heading in ahead):
            missing.append(beat)
            break  # the rest is judged once this one stands
    return missing


def title_card(book: Notebook, lesson: Lesson) -> list[str]:
    """Say what the first cell does not tell of the lesson."""
    card = book.cells[0][1]
    wanted = [f"# Lesson {lesson.number}: {lesson.question}", f"{lesson.minutes} minutes"]
    wanted += lesson.words
    return [words for words in wanted if words.lower() not in card.lower()]


def guesses(book: Notebook) -> list[str]:
    """Say what is wrong with the guesses: fewer than four, written already, never revealed."""
    faults, asked, count = [], [], 0
    for call in calls(book, "predict", "reveal"):
        first = ast.unparse(call.args[0]) if call.args else ""
        if call.func.id == "predict":  # type: ignore[attr-defined]
            count += 1
            guess = call.args[1] if len(call.args) > 1 else None
            if guess and not (isinstance(guess, ast.Constant) and guess.value is ...):
                faults.append(f"the guess is written already: {first}")
            asked.append(first)
        elif first in asked:
            asked.remove(first)
        elif asked and len(call.args) == 1:
            asked.pop()  # of the question asked last
        else:
            faults.append(f"revealed but never asked: {first}")
    faults += [f"asked but never revealed: {question}" for question in asked]
    return faults + ([f"{count} guesses: at least 4"] if count < 4 else [])


def hints(book: Notebook, lesson: Lesson) -> list[str]:
    """Say which task has no turn of its own, or not three hints in folds."""
    parts = re.split(r"^(?:\*\*|#{1,6} )Your turn (\d+)", book.markdown, flags=re.M)
    turns = {int(number): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}
    faults = [f"turn {n} is no task" for n in turns.keys() - {one.number for one in lesson.tasks}]
    for task in lesson.tasks:
        turn = re.split(r"^## ", turns.get(task.number, ""), flags=re.M)[0]
        fold = r"<details>\s*<summary>Hint (\d)</summary>\s*(?:(?!</details>).)*\w.*?</details>"
        found = re.findall(fold, turn, flags=re.S)
        if found != ["1", "2", "3"]:
            faults.append(f"turn {task.number} has the hints {found}")
    return faults


def checks_itself(book: Notebook, lesson: Lesson) -> bool:
    """Tell whether a cell runs this lesson's graded checks."""
    return any(ast.unparse(call) == f"check({lesson.number})" for call in calls(book, "check"))


def unmarked_questions(book: Notebook) -> list[str]:
    """Return the questions under *You might ask* that are not in bold."""
    section = re.search(r"^## You might ask\n(.*?)(?=^## |\Z)", book.markdown, flags=re.M | re.S)
    told = [part.strip() for part in re.split(r"\n\s*\n", section[1] if section else "")]
    told = [part for part in told if part]
    bold = [part for part in told if re.match(r"\*\*[^*]+\?\*\* ?\S?", part)]
    faults = [part for part in told if part not in bold and re.match(r"[^.!]+\?", part)]
    if told and told[0] not in bold:
        faults.insert(0, told[0])
    return faults if bold else ["no question in bold", *faults]
