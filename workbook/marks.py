"""The marks in a solution: where the learner's turn is, and what stands there before it.

    # >>> your turn 2: check the signature and the expiry
    # before: return jwt.get_unverified_claims(token)
    return jwt.decode(token, KEY, algorithms=["HS256"])
    # <<<

The starter gets a TODO line and the *before* code, or an exception where none is given.
The answer is the same file without the marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

_OPENING = re.compile(r"( *)# >>> your turn (\d+): (\S.*)")
_WIDTH = 100  # of a line, as in pyproject.toml


class CutError(Exception):
    """A solution cannot be cut; the message names file, line and cause."""


@dataclass
class Turn:
    """One marked block: what the learner writes, and what stands there before."""

    number: int
    title: str
    indent: str
    line: int
    before: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)

    @property
    def starter(self) -> list[str]:
        """The lines that stand in the block's place in the starter."""
        todo = f"TODO {self.number}: {self.title}"
        if self.before:
            return [f"{self.indent}# {todo}", *self.before]
        return [f"{self.indent}raise NotImplementedError({_quoted(todo)})"]


def starter_text(text: str, file: str = "solution") -> str:
    """Return the starter of a solution's text; `file` is its name in a CutError."""
    lines: list[str] = []
    for part in _parts(text, file):
        lines += part.starter if isinstance(part, Turn) else [part]
    return "\n".join(lines)


def answer_text(text: str, file: str = "solution") -> str:
    """Return a solution's text without marks and before lines; `file` is its name in a CutError."""
    lines: list[str] = []
    for part in _parts(text, file):
        lines += part.answer if isinstance(part, Turn) else [part]
    return "\n".join(lines)


def turns(text: str, file: str = "solution") -> list[Turn]:
    """Return the marked blocks of a solution's text; `file` is its name in a CutError."""
    return [part for part in _parts(text, file) if isinstance(part, Turn)]


def _parts(text: str, file: str) -> Iterator[str | Turn]:
    """Give the lines outside the marks, and the blocks between them, in their order."""

    def fail(line: int, cause: str) -> NoReturn:
        raise CutError(f"{file}:{line}: {cause}")

    turn: Turn | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if bare.startswith("# >>>"):
            if turn:
                fail(number, f"a turn opens inside the one opened in line {turn.line}")
            found = _OPENING.fullmatch(line.rstrip())
            if not found:
                fail(number, "an opening mark reads `# >>> your turn 2: what to do`")
            turn = Turn(int(found[2]), found[3], indent=found[1], line=number)
        elif bare.startswith("# <<<"):
            if not turn:
                fail(number, "a closing mark without an opening mark")
            if line.rstrip() != f"{turn.indent}# <<<":
                fail(number, f"`# <<<` must stand below the opening mark of line {turn.line}")
            turn.before, turn.answer = _trimmed(turn.before), _trimmed(turn.answer)
            if problem := _problem(turn):
                fail(turn.line, problem)
            yield turn
            turn = None
        elif bare.startswith("# before:"):
            if not turn or turn.answer:
                fail(number, "a before line must stand directly below an opening mark")
            code = line.removeprefix(f"{turn.indent}# before:")
            if code == line or not (code.strip() == "" or code.startswith(" ")):
                fail(number, "a before line reads `# before: code`, indented as its opening mark")
            turn.before.append((turn.indent + code[1:]).rstrip())
        elif turn:
            turn.answer.append(line)
        else:
            yield line
    if turn:
        fail(turn.line, "this turn is never closed with `# <<<`")


def _problem(turn: Turn) -> str:
    """Say what is wrong with a complete block, if anything is."""
    if not turn.answer:
        return "this turn has no answer"
    if any(line.strip() and not line.startswith(turn.indent) for line in turn.answer):
        return "its answer leaves the indentation of its marks"
    if not (turn.before or turn.indent):
        return "a turn at the top level needs before lines: no starter may raise at import"
    if len(turn.starter[0]) > _WIDTH:
        return f"its title is too long by {len(turn.starter[0]) - _WIDTH}"
    return ""


def _trimmed(lines: list[str]) -> list[str]:
    """Drop the empty lines at both ends: they only set the marks apart."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _quoted(text: str) -> str:
    """Return a string literal as `ruff format` writes it."""
    literal = repr(text)
    return literal if '"' in text else f'"{literal[1:-1]}"'
