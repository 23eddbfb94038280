"""The commands about the learner's own lessons: diff, reset, pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbook import tree
from workbook.cli import show
from workbook.cli.app import Number, Solution, cli, found, give_up, room
from workbook.tree import Lesson


@cli.command()
def diff(number: Number, solution: Solution = False) -> None:
    """Show my lesson N against its starter (or, with --solution, against the answer)."""
    from workbook.learning.own import difference

    chosen = found(number)
    room(solution)
    text = difference(chosen, original(chosen, solution), "answer" if solution else "starter")
    show.out(text.rstrip() or "No difference.")


@cli.command()
def reset(number: Number) -> None:
    """Go back to the starter of lesson N; my version is kept aside first."""
    from workbook.learning.own import reset as put_back

    chosen = found(number)
    try:
        aside = put_back(chosen, original(chosen))
    except OSError as error:
        give_up(f"Lesson {chosen.number} is as it was: {error}")
    if aside:
        show.out(f"Your version is kept in {aside}")
    show.out(f"Lesson {chosen.number} is back at its starter.")
    if not (chosen.starter / "lesson.toml").is_file():
        show.out(f"For its title and hints: git checkout -- lessons/{chosen.package}")


@cli.command()
def pack(
    name: Annotated[str, typer.Option(prompt="Your name", help="who hands in")],
    to: Annotated[Path, typer.Option(metavar="FILE")] = Path("handin.zip"),
) -> None:
    """Pack the lessons that I began into one zip."""
    from workbook.learning.own import pack as write_zip

    try:
        packed = write_zip(to, {"name": name})
    except OSError as error:
        give_up(f"{to} cannot be written: {error.strerror}")
    if not packed:
        give_up("No lesson is begun yet: there is nothing to hand in.")
    numbers = ", ".join(str(one.number) for one in packed)
    show.out(f"{to} holds lesson {numbers}, from {name}.")


def original(chosen: Lesson, solution: bool = False) -> dict[str, bytes]:
    """Return the files of an untouched starter, or of the answer without its marks."""
    from workbook.authoring.cut import answer_files, starter_files
    from workbook.learning.own import files_of
    from workbook.marks import CutError

    if not tree.SOLUTIONS.is_dir():  # a learner's edition
        return files_of(tree.LESSONS / tree.PRISTINE / chosen.package)
    try:
        return answer_files(chosen) if solution else starter_files(chosen)
    except CutError as error:
        give_up(str(error))
