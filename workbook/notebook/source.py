"""Code shown from the lesson's own files, never copied into prose."""

from __future__ import annotations

import ast
import os
from pathlib import Path

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
from pygments.token import (  # type: ignore[import-untyped]
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    String,
)  # fmt: skip

from workbook import tree
from workbook.notebook.look import Picture, clean, escape, line, titled, wrap

HUES = (
    (Comment, "quiet"), (Keyword, "violet"), (Operator.Word, "violet"), (String, "teal"),
    (Number, "orange"), (Name.Decorator, "orange"), (Name.Function, "blue"), (Name.Class, "blue"),
)  # fmt: skip


def _missing(words: str) -> Picture:
    words = f"! {line(words)}"
    return Picture(f'<div class="wb-red">{escape(words)}</div>', "\n".join(wrap(words)))


def _shown(where: str, code: str) -> Picture:
    spans = "".join(
        f'<span class="wb-{next((hue for kinds, hue in HUES if kind in kinds), "text")}">'
        f"{escape(text)}</span>"
        for kind, text in PythonLexer(stripnl=False).get_tokens(clean(code))
    )
    panel = f'<div class="wb-panel"><pre class="wb-mono">{spans}</pre></div>'
    return Picture(
        titled("", f'<div class="wb-small">{escape(where)}</div>{panel}'), f"{where}\n{clean(code)}"
    )


def _names(node: ast.AST) -> set[object]:
    """Return the names that a statement gives to something of its own."""
    if isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign) or not isinstance(node, ast.stmt):
        return set()
    bound = [
        *getattr(node, "targets", []),
        getattr(node, "target", None),
        getattr(node, "name", None),
    ]
    return {name.id if isinstance(name, ast.Name) else name for name in bound}


def _find(node: ast.AST, dotted: list[str]) -> ast.AST | None:
    """Return what a dotted name stands for inside a node, the outermost first."""
    for child in ast.walk(node) if dotted else ():
        if child is not node and dotted[0] in _names(child):
            return _find(child, dotted[1:]) if dotted[1:] else child
    return None


def _cut(path: Path, dotted: list[str]) -> tuple[str, int] | None:
    """Return the lines of a name, decorators included, and the number of the first."""
    text = path.read_text(encoding="utf-8", errors="replace")
    node = _find(ast.parse(text), dotted)
    if node is None:
        return None
    first = min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno]), first


def source(lesson_number: int | str, name: str, solution: bool = False) -> Picture:
    """Show code by name from a lesson: `"login"`, `"tokens.verify_token"`, or all of `"app.py"`."""
    try:
        lesson = tree.lesson(lesson_number)
    except (tree.UnknownLesson, LookupError, OSError) as problem:
        return _missing(str(problem))
    answers = solution or os.environ.get("WORKBOOK_TREE") == "solutions"
    folder = lesson.solution if answers else lesson.starter
    where = f"{folder.parent.name}/{folder.name}"
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.py"))}
    if name in paths:
        return _shown(f"{where}/{name}", paths[name].read_text(encoding="utf-8", errors="replace"))
    stem, *rest = name.split(".")
    chosen = {file: path for file, path in paths.items() if rest and path.stem == stem}
    broken = []
    for file, path in (chosen or paths).items():
        try:
            found = _cut(path, rest if chosen else [stem, *rest])
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else error
            broken.append(f"{file} cannot be read ({place}).")
            continue
        if found:
            return _shown(f"{where}/{file}, from line {found[1]}", found[0])
    files = ", ".join(chosen or paths) or "no file"
    return _missing(" ".join([f"There is no {name} in {where}: it has {files}.", *broken]))
