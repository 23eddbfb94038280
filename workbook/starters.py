"""Has the learner begun a lesson? The manifest of starter hashes knows.

`workbook author cut` writes the manifest; this module only reads it, so that the learner's
commands work where no solution is.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

from workbook import tree

State = Literal["missing", "untouched", "begun"]
Manifest = dict[str, dict[str, str]]  # package -> file -> SHA-256
manifest = tree.manifest

_LARGEST = 1_000_000  # bytes; no starter comes near, and a submission's huge file is not read


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file's content, the same for Windows' line ends as for Unix'."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def changed_files(lesson: tree.Lesson, folder: Path | None = None) -> list[str]:
    """Name the files that differ from the starter: edited, missing, or Python files of one's own.

    `folder` is where the lesson stands, by default the learner's own; it may be a submission,
    so nothing in it is followed, imported or read beyond the size of a source file.
    """
    folder = folder or lesson.starter
    listed = manifest().get(lesson.package, {})
    edited = {file for file, wanted in listed.items() if not _is(folder / file, wanted)}
    return sorted(edited | (_python_files(folder) - listed.keys()))


def state(lesson: tree.Lesson, folder: Path | None = None) -> State:
    """Tell whether a lesson's folder is missing, as it was cut, or begun."""
    folder = folder or lesson.starter
    if not folder.is_dir():
        return "missing"
    return "begun" if changed_files(lesson, folder) else "untouched"


def begun(lesson: tree.Lesson, folder: Path | None = None) -> bool:
    """Tell whether somebody has worked on a lesson."""
    return state(lesson, folder) == "begun"


def _is(path: Path, wanted: str) -> bool:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return False
        return fingerprint(path.read_bytes()) == wanted
    except OSError:  # it may not be read
        return False


def _python_files(folder: Path) -> set[str]:
    found: set[str] = set()
    for place, folders, files in os.walk(folder):
        # Jupyter keeps copies of what it edits in .ipynb_checkpoints.
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = Path(place).relative_to(folder)
        found.update((here / name).as_posix() for name in files if name.endswith(".py"))
    return found
