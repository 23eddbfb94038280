"""Every attack against every lesson: the grid, and what is out of place in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbook.attacking.attacks import Attack, Word, attacks, raid
from workbook.running.server import Launcher
from workbook.tree import LESSONS, SOLUTIONS, Lesson, lessons

CELLS: dict[Word, str] = {"open": "open", "refused": "refused", "no such route yet": "·"}


@dataclass(frozen=True)
class Row:
    """One attack: how it ended on each solution, by lesson, and on its own lesson's starter."""

    attack: Attack
    solutions: dict[int, Word]
    starter: Word

    def out_of_place(self) -> list[str]:
        """Return what breaks the staircase: empty, then open, then refused from its lesson on."""
        faults = []
        if self.starter != "open":
            faults.append(f"on the starter of lesson {self.attack.closes} it is {self.starter}")
        seen_open = False
        for number, word in self.solutions.items():
            closed = number >= self.attack.closes
            if closed != (word == "refused") or (word == "no such route yet" and seen_open):
                faults.append(f"on the solution of lesson {number} it is {word}")
            seen_open |= word == "open"
        return [f"{self.attack.name}: {fault}" for fault in faults]


def row(chosen: Attack, launcher: Launcher, starters: Path = LESSONS) -> Row:
    """Run one attack against every solution and its own lesson's starter."""
    own = next(one for one in lessons() if one.number == chosen.closes)
    return Row(
        chosen,
        {one.number: raid(chosen, one.package, SOLUTIONS, launcher).word for one in lessons()},
        raid(chosen, own.package, starters, launcher).word,
    )


def matrix(launcher: Launcher, starters: Path = LESSONS) -> list[Row]:
    """Run every attack that the proofs insist on; `starters` holds freshly cut starters."""
    return [row(one, launcher, starters) for one in attacks() if one.gate]


def markdown(rows: list[Row], known: tuple[Lesson, ...] | None = None) -> str:
    """Return the grid as a Markdown table; the bold cell is the lesson that closes the attack."""
    numbers = [one.number for one in known or lessons()]
    lines = [
        "| attack | route | " + " | ".join(str(number) for number in numbers) + " |",
        "|---|---|" + "---|" * len(numbers),
    ]
    for one in rows:
        cells = [
            f"**{CELLS[one.starter]} → {CELLS[one.solutions[number]]}**"
            if number == one.attack.closes
            else CELLS[one.solutions[number]]
            for number in numbers
        ]
        lines.append(f"| {one.attack.title} | `{one.attack.route}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)
