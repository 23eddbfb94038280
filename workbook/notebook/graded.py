"""Attacks from the collection and the graded checks, run from the notebook."""

from __future__ import annotations

from workbook import starters, tree
from workbook.attacking.attacks import Result, attacks, raid
from workbook.grading.messages import SYMBOLS
from workbook.grading.report import Report, grade
from workbook.learning.progress import Progress
from workbook.notebook import stage
from workbook.notebook.cards import Card
from workbook.notebook.look import Picture, escape, message, wrap
from workbook.notebook.record import recorder


class Raided:
    """How an attack from the workbook's collection ended, with its last exchanges."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.cards = [Card(exchange) for exchange in result.exchanges]

    def _picture(self) -> Picture:
        result = self.result
        if result.word == "open":
            lines = [f"The attack works: {result.attack.title}", result.loot]
            return message("red", "✗", lines)
        if result.word == "refused":
            lines = [f"Refused: {result.attack.title}", "The attacker got nothing."]
            return message("teal", "✓", lines)
        return message("orange", "·", [f"Nothing to attack yet: {result.loot}"])

    def _repr_html_(self) -> str:
        shown = "".join(card._repr_html_() for card in self.cards[-1:])
        return self._picture()._repr_html_() + shown

    def __repr__(self) -> str:
        return "\n".join([repr(self._picture()), *(repr(card) for card in self.cards[-1:])])


def attack(name: str) -> Raided:
    """Run an attack of the workbook's collection against a fresh server of the lesson that is live.

    Fresh, so that no account of an earlier cell stands in its way. Raises ValueError for a name
    that no attack has, DoesNotStart when the lesson cannot be served.
    """
    known = {one.name: one for one in attacks()}
    if name not in known:
        raise ValueError(f"No attack is called {name!r}. Names: {', '.join(known)}")
    running = stage.lesson_running()
    result = raid(known[name], running.package, running.folder, stage.warm())
    for exchange in result.exchanges:
        recorder.add(exchange)
    return Raided(result)


class Checked:
    """The verdict of the graded checks on one lesson."""

    def __init__(self, report: Report, untouched: bool) -> None:
        self.report, self.untouched = report, untouched

    def _lines(self) -> list[tuple[str, str]]:
        colours = {"passed": "teal", "failed": "red", "broken": "red", "timed out": "red"}
        return [
            (
                colours.get(outcome.word, "quiet"),
                f"{SYMBOLS[outcome.word]} {outcome.check.title}"
                + ("" if outcome.passed else f" ({outcome.word})"),
            )
            for outcome in self.report.outcomes
        ]

    @property
    def _headline(self) -> str:
        points = f"{self.report.points} of {self.report.max_points} points"
        if self.report.done:
            return f"Everything holds: {points}"
        return f"Not yet: {points}" if self.untouched else points

    def _repr_html_(self) -> str:
        rows = "".join(f'<div class="wb-{hue}">{escape(text)}</div>' for hue, text in self._lines())
        first = ""
        if self.report.first:
            first = (
                '<div class="wb-panel"><div class="wb-small">Look at this first</div>'
                f'<pre class="wb-mono">{escape(self.report.message())}</pre></div>'
            )
        head = f'<div class="wb-title">{escape(self._headline)}</div>'
        return Picture(head + rows + first, "")._repr_html_()

    def __repr__(self) -> str:
        rows = [self._headline, *(text for _, text in self._lines())]
        if self.report.first:
            rows += ["", "Look at this first:", *self.report.message().splitlines()]
        return "\n".join(row for text in rows for row in wrap(text))


def check(number: int | str) -> Checked:
    """Run the graded checks of lesson `number` on my files, as the command and pytest do."""
    lesson = tree.lesson(number)
    folder = tree.played()
    report = grade(lesson, folder, stage.warm())
    if folder == tree.LESSONS:
        Progress().record(report)
    return Checked(report, starters.state(lesson, folder / lesson.package) == "untouched")
