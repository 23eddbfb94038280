"""What the commands share: the program itself, its arguments, and ways to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from workbook import tree
from workbook.cli import show
from workbook.tree import Lesson, UnknownLesson

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    help="Learn to secure a FastAPI service: attack it, defend it, be graded.",
)
Number = Annotated[str, typer.Argument(metavar="N", help="the lesson's number")]
MaybeNumber = Annotated[str | None, typer.Argument(metavar="[N]", help="the lesson's number")]
Solution = Annotated[bool, typer.Option("--solution", help="use the answer, not my lesson")]


def found(number: str) -> Lesson:
    """Return the lesson, or end with one line and exit code 2."""
    try:
        return tree.lesson(number)
    except UnknownLesson as error:
        refuse(str(error))


def refuse(why: str) -> NoReturn:
    """End with one line and the exit code of a command that was not understood."""
    show.complain(why)
    raise typer.Exit(2)


def give_up(why: str) -> NoReturn:
    """End with one line and the exit code of a command that did not do what it should."""
    show.complain(why)
    raise typer.Exit(1)


def room(solution: bool) -> Path:
    """Return the folder of the learner's lessons, or that of the answers."""
    if solution and not tree.SOLUTIONS.is_dir():
        refuse("This edition has no solutions.")
    return tree.SOLUTIONS if solution else tree.LESSONS
