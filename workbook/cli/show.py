"""Printing verdicts and the lesson map, so that they fit into 80 columns."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from workbook import starters, tree
from workbook.attacking.attacks import Result
from workbook.grading.messages import SYMBOLS, came_back, safe
from workbook.grading.report import Report
from workbook.learning.progress import Progress as Reached

COLOURS = {"passed": "green", "failed": "red", "broken": "red", "timed out": "red"}
WIDTH = 78


def out(text: str = "", colour: str | None = None, *, bold: bool = False) -> None:
    """Print a line; colours only where they are seen."""
    typer.echo(typer.style(text, fg=colour, bold=bold) if colour or bold else text)


def wrapped(text: str) -> None:
    """Print a text in lines that break between words."""
    out(textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def complain(text: str) -> None:
    """Print one line of complaint to standard error."""
    print(text, file=sys.stderr)


def shortened(text: str, room: int) -> str:
    """Return a text that is no longer than its room."""
    return text if len(text) <= room else text[: room - 1] + "…"


def note(problem: str) -> None:
    """Print what went wrong beside a command's own work, if anything did."""
    if problem:
        complain(problem)


def verdict(report: Report, *, all_messages: bool = False, replay: bool = False) -> None:
    """Print a lesson's outcomes, its points, and what to look at first."""
    lesson = report.lesson
    points = f"{report.points} of {report.max_points} points"
    room = WIDTH - len(points)
    title = shortened(f"Lesson {lesson.number}: {lesson.title}", room - 1)
    out(f"{title:<{room}}{points}", bold=True)
    if report.first and report.first.word in ("broken", "timed out") and not report.first.exchange:
        out(f"  None of the {len(report.outcomes)} checks could be asked:", "red")
        out("\n".join(report.message().splitlines()[1:]))
        return
    for outcome in report.outcomes:
        mark = f"  {SYMBOLS[outcome.word]} "
        word = "" if outcome.passed else f"  {outcome.word}"
        room = WIDTH - len(mark) - len(word)
        first, *more = textwrap.wrap(outcome.check.title, room)
        out(f"{mark}{first}{word}", COLOURS.get(outcome.word))
        for line in more:
            out(" " * len(mark) + line, COLOURS.get(outcome.word))
    if all_messages:
        for outcome in report.outcomes:
            if not outcome.passed:
                out("\n" + report.message(outcome))
    elif report.first:
        out("\nLook at this first:")
        out(report.message())
        if report.first.exchange and replay:
            out(f"To replay the curl line: uv run workbook serve {lesson.number} --replay")
    else:
        out("  Everything holds.", "green")


def lesson_map(progress: Reached) -> None:
    """Print every lesson with its state and points, and what is next."""
    following = None
    if not tree.lessons():
        complain(f"There are no lessons in {tree.LESSONS}.")
        return
    for lesson in tree.lessons():
        reached = progress.of(lesson.number)
        state = starters.state(lesson)
        if reached.done:
            mark, word, colour = "✓", "done", "green"
        elif state == "missing":
            mark, word, colour = "!", "folder missing", "red"
        elif state == "begun" or reached.points:
            mark, word, colour = "…", "begun", "yellow"
        else:
            mark, word, colour = " ", "", None
        following = following or (None if reached.done else lesson)
        points = f"{reached.points}/{reached.max_points}" if reached.max_points else ""
        question = shortened(lesson.question, 47)
        out(f" {mark} {lesson.number:>2}  {question:<48}{points:>8}  {word}".rstrip(), colour)
    if following:
        out(f"\nNext: lesson {following.number}, {following.title}, {following.minutes} minutes.")
        out(f"  uv run workbook start {following.number}")
    else:
        out("\nEvery lesson is done.")


@contextmanager
def progress(what: str, of: int) -> Iterator[Callable[[], None]]:
    """Show a bar with the time left on standard error; call what is given after each one."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=of)
        yield lambda: bar.advance(task)


def raid(result: Result, *, whole: bool = False) -> None:
    """Print how an attack ended, and its exchanges, a line each unless they are wanted whole."""
    attack = result.attack
    out(f"{attack.title}  ({attack.route}, {attack.see})", bold=True)
    if result.word == "open":
        out(f"  OPEN: {safe(result.loot)}", "red")
    elif result.word == "refused":
        out("  REFUSED: the attacker got nothing.", "green")
    else:
        out(f"  No such route yet: {safe(result.loot)}", "yellow")
    for exchange in result.exchanges:
        caller = f"{exchange.caller}: " if exchange.caller else ""
        lines = (f"    {caller}{exchange.curl()}", f"      -> {came_back(exchange.answer)}")
        for line in lines:
            out(safe(line) if whole else shortened(safe(line), WIDTH))
    if result.exchanges and not whole:
        out("    (--whole shows the lines in full)")
