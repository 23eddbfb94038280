"""Every attack against every lesson: the grid, and what is out of place in it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from workbook.attacking.attacks import Attack, Word, attacks, raid, run, target
from workbook.grading.api import Api
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


@dataclass
class Targets:
    """A server of each lesson's solution that all attacks share, each with people of its own.

    A server starts when the first attack asks for it. `starters` holds freshly cut starters: each
    attack gets a server of its own for them. Use as a context manager, or call `close`.
    """

    launcher: Launcher
    starters: Path = LESSONS
    _running: dict[int, Api] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Targets:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def row(self, chosen: Attack) -> Row:
        """Run one attack against every solution and its own lesson's starter."""
        own = next(one for one in lessons() if one.number == chosen.closes)
        return Row(
            chosen,
            {one.number: self._word(chosen, one) for one in lessons()},
            raid(chosen, own.package, self.starters, self.launcher).word,
        )

    def _word(self, chosen: Attack, lesson: Lesson) -> Word:
        """Say how an attack ends on a solution: its people are strangers to all others there."""
        if lesson.number not in self._running:
            fresh = self._stack.enter_context(
                closing(target(lesson.package, SOLUTIONS, self.launcher))
            )
            fresh.server.start()
            self._running[lesson.number] = fresh
        api = self._running[lesson.number]
        api.seed, api.people = chosen.name, {}
        api.revive()
        return run(chosen, api).word

    def close(self) -> None:
        """Stop the servers and remove their data."""
        self._stack.close()
        self._running.clear()


def matrix(launcher: Launcher) -> list[Row]:
    """Run every attack that the proofs insist on."""
    with Targets(launcher) as targets:
        return [targets.row(one) for one in attacks() if one.gate]


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
