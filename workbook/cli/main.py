"""`workbook`: the learner's commands."""

from __future__ import annotations

import io
import signal
import sys
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


@cli.callback(invoke_without_command=True)
def overview(context: typer.Context) -> None:
    """Without a command: the lesson map."""
    if context.invoked_subcommand is None:
        from workbook.learning.progress import Progress

        progress = Progress()
        show.lesson_map(progress)
        show.note(progress.problem)


@cli.command()
def start(
    number: MaybeNumber = None,
    browser: Annotated[bool, typer.Option(help="open a browser")] = True,
    port: Annotated[int, typer.Option(min=1, max=65535, help="JupyterLab's port")] = 8888,
) -> None:
    """Open JupyterLab at lesson N's notebook, or at the first unfinished one."""
    from workbook.cli.jupyter import open_lab
    from workbook.learning.progress import Progress

    progress = Progress()
    unfinished = [one for one in tree.lessons() if not progress.of(one.number).done]
    chosen = found(number) if number else (unfinished or list(tree.lessons()))[0]
    raise typer.Exit(open_lab(chosen, browser=browser, port=port))


@cli.command()
def serve(
    number: Number,
    solution: Solution = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="the port on 127.0.0.1")] = 8000,
) -> None:
    """Run lesson N's server; it starts again at every save."""
    from workbook.cli.serving import serve_lesson

    raise typer.Exit(serve_lesson(found(number), room(solution), port))


@cli.command()
def check(
    number: MaybeNumber = None,
    solution: Solution = False,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="also write JSON")] = None,
    all_messages: Annotated[
        bool, typer.Option("--all-messages", help="not only the first")
    ] = False,
) -> None:
    """Grade my lesson N, or all that I began."""
    from workbook import starters
    from workbook.running.server import launcher

    folder = room(solution)
    everything = [one for one in tree.lessons() if solution or starters.state(one) != "untouched"]
    chosen = [found(number)] if number else everything
    if not chosen:
        show.out("No lesson is begun yet. Start with: uv run workbook start")
        raise typer.Exit(0)
    warm = launcher()  # its imports run beside ours
    try:
        from workbook.grading.report import grade, results
        from workbook.learning.progress import Progress

        reports = []
        for one in chosen:
            report = grade(one, folder, warm)
            reports.append(report)
            show.verdict(report, all_messages=all_messages)
            if not solution:
                progress = Progress()
                progress.record(report)
                show.note(progress.problem)
        if json:
            try:
                json.write_text(results("solutions" if solution else "mine", reports), "utf-8")
            except OSError as error:
                give_up(f"{json} cannot be written: {error.strerror}")
    finally:
        warm.close()
    raise typer.Exit(0 if all(report.done for report in reports) else 1)


@cli.command()
def watch(number: Number) -> None:
    """Grade lesson N again at every save."""
    from workbook.learning.progress import Progress
    from workbook.learning.watch import verdicts
    from workbook.running.server import launcher

    chosen = found(number)
    warm = launcher()
    try:
        for report in verdicts(chosen, tree.LESSONS, warm):
            show.out()
            show.verdict(report)
            show.out(f"Waiting for a save in lessons/{chosen.package} (Ctrl-C ends).")
            sys.stdout.flush()
            progress = Progress()
            progress.record(report)
            show.note(progress.problem)
    except KeyboardInterrupt:
        pass
    finally:
        warm.close()


@cli.command()
def hint(
    number: Number,
    task: Annotated[str | None, typer.Argument(metavar="[TASK]", help="the task's number")] = None,
) -> None:
    """Show the next hint for a task of lesson N (default: its first)."""
    from workbook.learning.progress import Progress

    chosen = found(number)
    wanted = next((one for one in chosen.tasks if task in (None, str(one.number))), None)
    if wanted is None:
        numbers = ", ".join(str(one.number) for one in chosen.tasks)
        have = (
            f"no task {task}. Its tasks are {numbers}." if numbers else "no tasks that are known."
        )
        refuse(f"Lesson {chosen.number} has {have}")
    progress = Progress()
    index = progress.next_hint(chosen.number, wanted.number, len(wanted.hints))
    show.out(f"Task {wanted.number}, {wanted.title} ({wanted.file})", bold=True)
    show.out(f"Hint {index + 1} of {len(wanted.hints)}: {wanted.hints[index]}")
    if index + 1 == len(wanted.hints):
        show.out("That is the last one. The brief states all that is asked.")
    show.note(progress.problem)


@cli.command()
def attack(
    number: Number,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="the attack's name")] = None,
    solution: Solution = False,
) -> None:
    """Run an attack against my lesson N; without a name, all that lesson N must stop."""
    from workbook.attacking.attacks import DoesNotStart, attacks, raid
    from workbook.running.server import launcher

    chosen = found(number)
    own = [one for one in attacks() if one.closes == chosen.number]
    wanted = [one for one in attacks() if one.name == name] if name else own
    if not wanted:
        names = ", ".join(one.name for one in own or attacks())
        what = f"No attack is called {name}" if name else "No attack is this lesson's own"
        refuse(f"{what}. {f'Those on lesson {chosen.number}' if own else 'There are'}: {names}")
    warm = launcher()
    try:
        results = [raid(one, chosen.package, room(solution), warm) for one in wanted]
    except DoesNotStart as error:
        give_up(f"{chosen.package} does not start: {error}")
    finally:
        warm.close()
    for result in results:
        show.raid(result)
    raise typer.Exit(1 if any(result.word == "open" for result in results) else 0)


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
    from workbook.marks import CutError

    try:
        return answer_files(chosen) if solution else starter_files(chosen)
    except CutError as error:
        give_up(str(error))


def author() -> typer.Typer:
    """Return the commands for those who write the workbook."""
    from workbook.cli.author import commands

    return commands


def main() -> None:
    """Run the command line; it ends its servers, however it is ended, and shows no traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show ✓ shows ?
    if sys.argv[1:2] == ["author"]:
        cli.add_typer(author(), name="author")
    try:
        cli()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(130)


if __name__ == "__main__":
    main()
