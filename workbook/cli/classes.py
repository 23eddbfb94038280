"""The commands for instructors: grade, merge, release."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from workbook import tree
from workbook.cli import show
from workbook.cli.app import cli, give_up, refuse, room
from workbook.tree import Lesson

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="where the reports go")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="also for: gradescope, classroom50, actions, nbgrader, canvas (may be repeated)",
    ),
]
Lessons = Annotated[
    str, typer.Option("--lessons", metavar="N-M", help="which lessons, such as 6, 3-6 or 1,4-6")
]
Hidden = Annotated[
    list[str] | None,
    typer.Option(
        "--hide",
        metavar="LESSON/CHECK",
        help="checks that count but that students do not see, such as '6/*' (may be repeated)",
    ),
]

KEPT = "What is finished is kept: go on with --resume."


@cli.command()
def grade(
    places: Annotated[
        list[Path], typer.Argument(metavar="DIR…", help="folders of submissions, or single ones")
    ],
    out: Out = Path("graded"),
    lessons: Lessons = "",
    jobs: Annotated[
        int | None, typer.Option(min=1, help="how many at a time; default: one for each core")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in --out")] = False,
    format_: Formats = None,
    hide: Hidden = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="grade the I-th of N parts; merge them after")
    ] = "1/1",
    scheduler: Annotated[
        str, typer.Option(metavar="tcp://HOST:PORT", help="grade on a Dask cluster")
    ] = "",
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="refuse to grade without containment")
    ] = False,
    seed: Annotated[
        str | None, typer.Option(help="names and passwords of the users are made from it")
    ] = None,
) -> None:
    """Grade submissions: folders, zips or clones that hold lessons/, each named after its student.

    A run that was stopped goes on with --resume: nothing is graded twice.
    """
    from workbook.classroom.journal import Mismatch
    from workbook.classroom.run import JOURNAL, ClassRun
    from workbook.classroom.submissions import Refused, found
    from workbook.classroom.writing import FORMATS

    wanted, of = _known(format_ or [], FORMATS), part(shard)
    chosen = chosen_lessons(lessons)
    if (out / JOURNAL).exists() and not resume:
        refuse(f"{out} holds a run already. Go on with --resume, or choose another --out.")
    try:
        listed = found(places)
    except Refused as why:
        refuse(str(why))
    graders = _graders(scheduler, jobs or os.cpu_count() or 1)
    try:
        rung = graders.walls["rung"]
        if not rung:
            give_up(f"No submission can be run here: {graders.walls['mechanisms'][0]}.")
        if require_sandbox and rung not in ("B", "C"):
            give_up(f"No sandbox here: rung {rung}. Nothing was graded.")
        walled = ("B", "C") if require_sandbox else ()
        run = ClassRun(listed, out, chosen, seed, of, walled=walled)
        with show.progress("Grading", len(run.listed)) as done:
            run.grade(graders, done)
    except Mismatch as why:
        refuse(f"{out} holds another run: {why}. Choose another --out.")
    except OSError as error:
        give_up(f"Stopped: {error}. {KEPT}")
    except KeyboardInterrupt:
        show.complain(f"Stopped. {KEPT}")
        raise
    finally:
        graders.close()
    try:
        _report(out, wanted, hide or [])
    except OSError as error:
        give_up(f"A report cannot be written: {error}. The verdicts are kept: --resume.")


def _report(out: Path, wanted: list[str], hidden: list[str]) -> None:
    from workbook.classroom.run import results_in
    from workbook.classroom.writing import write

    results = results_in([out])
    for path in write(results, out, wanted, hidden):
        show.out(f"wrote {path}")
    ours = sum(result["status"] == "infrastructure" for result in results)
    if ours:
        give_up(f"{ours} submissions could not be graded here. Try them again with --resume.")


def _graders(scheduler: str, jobs: int):  # type: ignore[no-untyped-def]
    if not scheduler:
        from workbook.classroom.pool import Pool

        return Pool(jobs)
    from workbook.classroom.cluster import Cluster

    try:
        return Cluster(scheduler)
    except ImportError:
        refuse("For a cluster install the extra: pip install 'fastapi-auth-workbook[cluster]'")
    except OSError as error:
        give_up(f"No scheduler answers at {scheduler}: {error}")


@cli.command()
def merge(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD…", help="--out of each shard")],
    out: Out = Path("graded"),
    format_: Formats = None,
    hide: Hidden = None,
) -> None:
    """Merge the shards of one class run, and write the reports over all of them."""
    from workbook.classroom.run import NotWhole, results_in
    from workbook.classroom.writing import FORMATS, write

    wanted = _known(format_ or [], FORMATS)
    try:
        results = results_in(shards)
    except NotWhole as why:
        refuse(str(why))
    try:
        for path in write(results, out, wanted, hide or []):
            show.out(f"wrote {path}")
    except OSError as error:
        give_up(f"A report cannot be written: {error}")


def _known(names: list[str], formats: tuple[str, ...]) -> list[str]:
    for name in names:
        if name not in formats:
            refuse(f"There is no format {name}. There are: {', '.join(formats)}.")
    return names


def part(text: str) -> tuple[int, int]:
    """Read a shard such as `2/5`."""
    try:
        number, _, of = text.partition("/")
        found = int(number), int(of)
    except ValueError:
        found = 0, 0
    if not 1 <= found[0] <= found[1]:
        refuse(f"--shard {text}: write I/N, such as 2/5.")
    return found


def chosen_lessons(text: str) -> list[Lesson]:
    """Read numbers and ranges such as `1,4-6`; nothing means all lessons."""
    numbers: set[int] = set()
    for piece in filter(None, text.split(",")):
        try:
            first, _, last = piece.partition("-")
            numbers |= set(range(int(first), int(last or first) + 1))
        except ValueError:
            refuse(f"--lessons {text}: write numbers and ranges, such as 1,4-6.")
    known = {one.number: one for one in tree.lessons()}
    if missing := sorted(numbers - set(known)):
        refuse(f"There is no lesson {missing[0]}. The lessons are {min(known)} to {max(known)}.")
    return [one for number, one in sorted(known.items()) if not numbers or number in numbers]


@cli.command()
def autograder(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="the file to upload")],
    lessons: Lessons = "",
    hide: Hidden = None,
) -> None:
    """Write a zip that is ready to be uploaded to Gradescope as an autograder."""
    from workbook.classroom.autograder import pack

    chosen = [one for one in chosen_lessons(lessons) if one.checks.is_dir()]
    try:
        pack(out, chosen, hide or [])
    except OSError as error:
        give_up(f"{out} cannot be written: {error}")
    show.out(f"wrote {out}: {len(chosen)} lessons")


@cli.command()
def release(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="a new folder")],
    through: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="the last lesson of the edition")
    ] = None,
) -> None:
    """Write a learner's edition: everything but answers, and with pristine starters."""
    from workbook.authoring.programs import ProgramFailed
    from workbook.authoring.release import ReleaseError
    from workbook.authoring.release import release as write_edition

    room(solution=True)
    try:
        kept = write_edition(out, through)
    except (ReleaseError, ProgramFailed, OSError) as why:
        give_up(f"No edition was made: {why}")
    show.out(f"{out} holds lessons {kept[0].number} to {kept[-1].number}, without answers.")
