"""`requirements.lock`: every version and hash, for people with pip alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from workbook import tree
from workbook.authoring.programs import ProgramFailed, printed

_HEADER = "# Written by `uv run workbook author lock`.\n"
_EXPORT = (
    *("export", "--quiet", "--locked", "--offline", "--format", "requirements-txt"),
    *("--no-header", "--no-emit-project", "--no-dev"),
)


class LockError(Exception):
    """The lock would name an address, which no committed file may."""


def export(root: Path | None = None) -> str:
    """Return the text of `requirements.lock`, made from uv's own lock file without a network.

    Raises ProgramFailed where uv or its lock file is missing, LockError for an address in it.
    """
    text = _HEADER + printed("uv", *_EXPORT, folder=root or tree.ROOT).decode("utf-8")
    if found := re.search(r".*(?:://|--(?:extra-)?index-url|--find-links).*", text):
        raise LockError(f"requirements.lock would hold an address: {found[0].strip()}")
    return text


def write(root: Path | None = None) -> None:
    """Write `requirements.lock`."""
    root = root or tree.ROOT
    (root / "requirements.lock").write_text(export(root), encoding="utf-8", newline="\n")


def fresh(root: Path | None = None) -> Literal["fresh", "stale", "skipped"]:
    """Compare `requirements.lock` with a new export; skipped where uv cannot make one."""
    root = root or tree.ROOT
    try:
        wanted = export(root)
    except ProgramFailed:
        return "skipped"
    path = root / "requirements.lock"
    return "fresh" if path.exists() and path.read_text(encoding="utf-8") == wanted else "stale"
