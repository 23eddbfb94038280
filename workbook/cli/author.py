"""`workbook author`: the commands for those who write the workbook."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from workbook.attacking import matrix
from workbook.authoring import corpus, cut, forward, fresh, lock, notebooks, tables
from workbook.cli import show
from workbook.running.server import launcher
from workbook.tree import ROOT, lessons

commands = typer.Typer(no_args_is_help=True, help="Write the workbook: generate and prove.")
Force = Annotated[bool, typer.Option("--force", help="also over starters that were edited")]


@commands.command("cut")
def cut_starters(force: Force = False) -> None:
    """Write the starters, their manifest and CHANGES.md from the solutions."""
    for path in cut.cut_all(force):
        show.out(f"wrote {path.relative_to(ROOT)}")


@commands.command("forward")
def carry_forward(
    number: int, base: Annotated[str, typer.Option(help="the revision before the fix")] = "HEAD"
) -> None:
    """Carry a fix made in solution N through all later solutions."""
    try:
        carried = forward.forward(number, base)
    except forward.ForwardError as error:
        for one in error.done:
            show.out(str(one))
        show.complain(str(error))
        raise typer.Exit(1) from None
    for one in carried:
        show.out(str(one))


@commands.command("notebooks")
def build_notebooks() -> None:
    """Build the notebooks from their scripts."""
    for path in notebooks.build_all():
        show.out(f"wrote {path.relative_to(ROOT)}")


@commands.command("corpus")
def run_corpus() -> None:
    """Run the wrong solutions; write golden transcripts and the explanations of known mistakes."""
    warm = launcher()
    for lesson in lessons():
        wrong = {one.name: one for one in corpus.wrong_solutions(lesson)}
        for name, report in corpus.write(lesson, warm).items():
            first = report.first.check.id if report.first else "nothing"
            right = first == wrong[name].caught_by
            show.out(f"{'ok ' if right else 'BAD'} lesson {lesson.number}: {name}: {first}")
    warm.close()


@commands.command("matrix")
def write_matrix() -> None:
    """Run every attack against every lesson and write the grid into the README."""
    warm = launcher()
    rows = matrix.matrix(warm)
    warm.close()
    tables.write_block("matrix", matrix.markdown(rows))
    faults = [fault for row in rows for fault in row.out_of_place()]
    for fault in faults:
        show.complain(fault)
    raise typer.Exit(1 if faults else 0)


@commands.command("tables")
def write_tables() -> None:
    """Write the README's lesson table."""
    tables.write_readme()


@commands.command("lock")
def write_lock() -> None:
    """Write requirements.lock for people who have pip alone."""
    lock.write()


@commands.command()
def stale() -> None:
    """Name every generated file that is not what its generator gives."""
    names = fresh.stale()
    for name in names:
        show.out(name)
    raise typer.Exit(1 if names else 0)


@commands.command()
def verify() -> None:
    """Run all proofs: lint, types, and every test."""
    for words in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["pytest", "-q"],
    ):
        show.out("$ " + " ".join(words), bold=True)
        done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False)
        if done.returncode:
            raise typer.Exit(done.returncode)
