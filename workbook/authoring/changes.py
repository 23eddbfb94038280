"""`CHANGES.md`: what one edition of a lesson has that the one before it had not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

Files = dict[str, str]  # file name -> text


def page(title: str, sentence: str, before: Files, after: Files, labels: tuple[str, str]) -> str:
    """Return a page with one unified diff for each file that differs.

    `labels` name the two sides in the diffs.
    """
    parts = [f"# {title}", sentence]
    for file in _differing(before, after):
        lines = _diff(file, before, after, labels)
        parts += [f"## `{file}`", _fenced(lines) if lines else "An empty file."]
    return "\n\n".join(parts) + "\n"


def counts(before: Files, after: Files, given: Collection[str] = ()) -> str:
    """Count what differs: `2 files added, 1 changed: 61 lines added, 14 removed.`

    What is given to the learner is counted apart, in a sentence of its own.
    """
    differing = _differing(before, after)
    own = _counted(before, after, [file for file in differing if file not in given])
    apart = _counted(before, after, [file for file in differing if file in given])
    sentences = [own or "Nothing to write differs", f"Given: {apart}" if apart else ""]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _counted(before: Files, after: Files, files: list[str]) -> str:
    # The first two lines of a diff are its header.
    lines = [line for file in files for line in _diff(file, before, after)[2:]]
    of_files = _listed(
        "file",
        added=sum(file not in before for file in files),
        changed=sum(file in before and file in after for file in files),
        removed=sum(file not in after for file in files),
    )
    of_lines = _listed(
        "line",
        added=sum(line.startswith("+") for line in lines),
        removed=sum(line.startswith("-") for line in lines),
    )
    return ": ".join(part for part in (of_files, of_lines) if part)


def _listed(noun: str, **numbers: int) -> str:
    """Return `2 files added, 1 changed`, without the zeros."""
    listed = ", ".join(f"{number} {done}" for done, number in numbers.items() if number)
    first, _, rest = listed.partition(" ")
    return f"{first} {noun if first == '1' else noun + 's'} {rest}" if listed else ""


def _differing(before: Files, after: Files) -> list[str]:
    files = sorted(before.keys() | after.keys())
    return [file for file in files if before.get(file) != after.get(file)]


def _diff(
    file: str, before: Files, after: Files, labels: tuple[str, str] = ("before", "after")
) -> list[str]:
    """Return the unified diff of one file, its header included."""
    lines = difflib.unified_diff(
        before.get(file, "").splitlines(),
        after.get(file, "").splitlines(),
        fromfile=f"{labels[0]}/{file}" if file in before else "/dev/null",
        tofile=f"{labels[1]}/{file}" if file in after else "/dev/null",
        lineterm="",
    )
    return [line.rstrip() for line in lines]


def _fenced(lines: list[str]) -> str:
    """Return a Markdown block whose fence is longer than any in the lines."""
    text = "\n".join(lines)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}diff\n{text}\n{fence}"
