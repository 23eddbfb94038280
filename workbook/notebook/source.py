"""Code shown from the lesson's own files, never copied into prose."""

from __future__ import annotations

import ast
from pathlib import Path

from pygments.lexers.python import PythonLexer
from pygments.token import Token as Kind

from workbook import tree
from workbook.marks import CutError, answer_text
from workbook.notebook.look import Picture, clean, escape, line, twin

HUES = {
    Kind.Comment: "quiet", Kind.Keyword: "violet", Kind.Operator.Word: "violet",
    Kind.Literal.String: "teal", Kind.Literal.Number: "orange", Kind.Name.Decorator: "orange",
    Kind.Name.Function: "blue", Kind.Name.Class: "blue",
}  # fmt: skip


def _missing(words: str) -> Picture:
    words = f"! {line(words)}"
    return Picture(f'<div class="wb-red">{escape(words)}</div>', twin([words]))


def _shown(where: str, code: str) -> Picture:
    code, spans = clean(code), ""
    for kind, text in PythonLexer(stripnl=False).get_tokens(code):
        hue = next((hue for group, hue in HUES.items() if kind in group), "text")
        spans += f'<span class="wb-{hue}">{escape(text)}</span>'
    panel = f'<div class="wb-panel"><pre class="wb-mono">{spans}</pre></div>'
    return Picture(f'<div class="wb-small">{escape(where)}</div>{panel}', f"{where}\n{code}")


def listing(path: Path) -> Picture:
    """Show a whole file."""
    return _shown(path.relative_to(tree.ROOT).as_posix(), _text(path).rstrip())


def _names(node: ast.stmt) -> set[object]:
    """Return the names that a statement gives to something of its own."""
    if isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign | ast.Delete):
        return set()
    alone = (getattr(node, kind, None) for kind in ("target", "name"))
    bound = [*getattr(node, "targets", []), *alone]
    return {name.id if isinstance(name, ast.Name) else name for name in bound}


def _find(node: ast.AST, dotted: list[str]) -> ast.stmt | None:
    """Return what a dotted name stands for inside a node, the outermost first."""
    for child in ast.walk(node):
        if isinstance(child, ast.stmt) and child is not node and dotted[0] in _names(child):
            return _find(child, dotted[1:]) if dotted[1:] else child
    return None


def _cut(text: str, dotted: list[str]) -> tuple[int, str] | None:
    """Return the lines of a name, decorators included, and the number of the first."""
    node = _find(ast.parse(text), dotted)
    if node is None:
        return None
    first = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
    return first, "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def _text(path: Path) -> str:
    """Return a file's text; an answer without the marks that starters are cut by."""
    text = path.read_text("utf-8", errors="replace")
    try:
        return answer_text(text)
    except CutError:
        return text


def source(lesson_number: int | str, name: str, solution: bool = False) -> Picture:
    """Show code by name from a lesson: `"login"`, `"tokens.verify_token"`, or all of `"app.py"`."""
    try:
        lesson = tree.lesson(lesson_number)
    except (tree.UnknownLesson, IndexError) as problem:
        return _missing(str(problem) if tree.lessons() else "There are no lessons here.")
    folder = (tree.SOLUTIONS if solution else tree.played()) / lesson.package
    where = f"{folder.parent.name}/{folder.name}"
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        files[path.relative_to(folder).as_posix()] = _text(path)
    if name in files:
        return _shown(f"{where}/{name}", files[name])
    stem, *rest = name.split(".")
    chosen = {file: text for file, text in files.items() if rest and Path(file).stem == stem}
    problems = []
    for file, text in (chosen or files).items():
        try:
            found = _cut(text, rest if chosen else [stem, *rest])
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else error
            problems.append(f"{file} cannot be read ({place}).")
            continue
        if found:
            return _shown(f"{where}/{file}, from line {found[0]}", found[1])
    known = ", ".join(chosen or files) or "no file"
    return _missing(" ".join([f"There is no {name} in {where}: it has {known}.", *problems]))
