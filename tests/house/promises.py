"""What a page promises by name: files and commands that must exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import prose
from typer.main import get_command

from workbook import tree
from workbook.cli.author import commands as author
from workbook.cli.main import cli

FILE = re.compile(r"(?:[\w.*-]+/)*[\w*-]+\.(?:py|md|toml|json|ipynb|txt|css|csv|lock|db)")
# In docs/ some names stand for many: `tests/lesson_NN/right_NAME/`.
STANDS_FOR = {"NN": "[0-9][0-9]", "NAME": "*", "slug": "*"}


def missing_files(markdown: str, lesson: tree.Lesson | None) -> list[str]:
    """Return what looks like a file but is none, neither in the lesson nor in the repository.

    A file that code writes while it runs, such as `users.json`, stands in that code.
    """
    spans = [span for span in prose.code_spans(markdown) if _is_path(span)]
    return [span for span in spans if not _exists(span, lesson)]


def _is_path(span: str) -> bool:
    if FILE.fullmatch(span):
        return True
    top, slash, _ = span.partition("/")
    if top == "var":  # made while a lesson runs
        return False
    return bool(slash and top and re.fullmatch(r"[\w.*/-]+", span) and (tree.ROOT / top).is_dir())


def _exists(span: str, lesson: tree.Lesson | None) -> bool:
    pattern = span.rstrip("/")
    for placeholder, glob in STANDS_FOR.items():
        pattern = re.sub(rf"(?<![A-Za-z]){placeholder}(?![A-Za-z])", glob, pattern)
    if any(tree.ROOT.glob(pattern)):
        return True
    if lesson is None:
        return _found_anywhere(pattern) or _written_by([tree.ROOT / "workbook"], span)
    if (lesson.starter / span).is_file() or span in lesson.removes:
        return True
    return _written_by([lesson.starter, lesson.solution], span)


@cache
def _found_anywhere(pattern: str) -> bool:
    rooms = ("lessons", "solutions", "notebooks", "tests", "workbook", "docs")
    return any(any((tree.ROOT / room).rglob(pattern)) for room in rooms)


@cache
def _texts(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.py")))


def _written_by(folders: Iterable[Path], name: str) -> bool:
    return any(f'"{name}"' in _texts(folder) for folder in folders)


def unknown_commands(markdown: str) -> list[str]:
    """Return the `workbook` commands and options that the command line has not got."""
    said = [*prose.code_spans(markdown), *"\n".join(prose.blocks(markdown)).splitlines()]
    return [line for line in said if any(_faults(line))]


@cache
def known_commands() -> dict[str, Any]:
    """Return the commands of `workbook --help`, and `author`, which it does not list."""
    return get_command(cli).commands | {"author": get_command(author)}  # type: ignore[attr-defined]


def _faults(line: str) -> Iterator[str]:
    match = re.match(r"(?:\$ )?(?:uv run )?workbook(?P<rest>(?: .*)?)$", line.strip())
    words = match["rest"].partition(" #")[0].split() if match else []
    for name in words[0].split("·") if words else ():
        command = known_commands().get(name)
        if name == "author" and len(words) > 1:
            command = command.commands.get(words[1])
        if command is None:
            yield name
            continue
        options = {o for one in command.params for o in (*one.opts, *one.secondary_opts)}
        yield from (o for o in words if o.startswith("--") and o not in {*options, "--help"})
