"""The learner's way: the map, start, serve, check, watch, hint, attack."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from workbook import tree
from workbook.cli import show
from workbook.cli.app import MaybeNumber, Number, Solution, cli, found, give_up, refuse, room


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
    replay: Annotated[bool, typer.Option("--replay", help="on the last check's data")] = False,
) -> None:
    """Run lesson N's server; it starts again at every save."""
    from workbook.cli.serving import serve_lesson
    from workbook.learning.replay import environment

    chosen = found(number)
    extra = environment(chosen) if replay else {}
    if replay and not extra:
        give_up(f"There is no check to replay yet: uv run workbook check {chosen.number}")
    raise typer.Exit(serve_lesson(chosen, room(solution), port, extra))


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
        from workbook.learning.replay import keep

        reports = []
        for one in chosen:
            report = grade(one, folder, warm, afterwards=None if solution else keep)
            reports.append(report)
            show.verdict(report, all_messages=all_messages, replay=not solution)
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
    """Show the next hint for a task of lesson N (default: the first that is not done)."""
    from workbook.learning.progress import Progress

    chosen = found(number)
    progress = Progress()
    done = progress.of(chosen.number).tasks_done
    unfinished = [one for one in chosen.tasks if one.number not in done]
    asked = [one for one in chosen.tasks if str(one.number) == task] if task else unfinished
    if not asked and not task and chosen.tasks:
        show.out(f"All tasks of lesson {chosen.number} are done: no hint is needed.")
        return
    if not asked:
        numbers = ", ".join(str(one.number) for one in chosen.tasks)
        have = f"no task {task}. Its tasks are {numbers}." if numbers else "no known tasks."
        refuse(f"Lesson {chosen.number} has {have}")
    wanted = asked[0]
    index = progress.next_hint(chosen.number, wanted.number, len(wanted.hints))
    show.out(f"Task {wanted.number}, {wanted.title} ({wanted.file})", bold=True)
    show.wrapped(f"Hint {index + 1} of {len(wanted.hints)}: {wanted.hints[index]}")
    if index + 1 == len(wanted.hints):
        show.out("That is the last one. The brief states all that is asked.")
    show.note(progress.problem)


@cli.command()
def attack(
    number: Number,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="the attack's name")] = None,
    solution: Solution = False,
    whole: Annotated[bool, typer.Option("--whole", help="do not shorten the lines")] = False,
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
        show.raid(result, whole=whole)
    raise typer.Exit(1 if any(result.word == "open" for result in results) else 0)
