"""The learner's own lessons: how they differ from the starters, going back, handing in."""

from __future__ import annotations

import difflib
import io
import json
import os
import shutil
import time
import zipfile
from pathlib import Path

from workbook import starters, tree
from workbook.learning.files import write_whole
from workbook.tree import Lesson


def files_of(folder: Path) -> dict[str, bytes]:
    """Return a lesson folder's files by relative path, without links, caches and hidden files."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _left_out(name))
        for path in (Path(place, name) for name in sorted(names) if not _left_out(name)):
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _left_out(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def difference(lesson: Lesson, other: dict[str, bytes], name: str) -> str:
    """Return a unified diff from `other` (called `name`) to the learner's Python files."""
    mine = files_of(lesson.starter)
    lines: list[str] = []
    for path in sorted(mine.keys() | other.keys()):
        if path.endswith(".py"):
            before, after = (
                side.get(path, b"").decode("utf-8", "replace").splitlines()
                for side in (other, mine)
            )
            labels = f"{name}/{path}", f"mine/{path}"
            lines += difflib.unified_diff(before, after, *labels, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def reset(lesson: Lesson, pristine: dict[str, bytes], kept: Path | None = None) -> Path | None:
    """Put the starter back; return the folder where the learner's version is kept aside.

    None when there was nothing to keep. Python files that the learner added are moved aside too.
    Raises OSError, with everything as it was, when nothing can be kept.
    """
    aside = None
    if starters.state(lesson) == "begun":
        aside = _free(kept or tree.VAR / "kept", lesson.package)
        caches = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(lesson.starter, aside, ignore=caches, symlinks=True)
    for name in starters.changed_files(lesson) if aside else ():
        path = lesson.starter / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name, content in pristine.items():
        path = lesson.starter / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return aside


def _free(folder: Path, package: str) -> Path:
    """Return a folder that does not exist yet, named after a lesson and the time."""
    stamp = f"{package}_{time.strftime('%Y-%m-%d_%H-%M-%S')}"
    names = [stamp, *(f"{stamp}_{number}" for number in range(2, 1000))]
    return next(folder / name for name in names if not (folder / name).exists())


def begun() -> list[Lesson]:
    """Return the lessons that the learner has changed, or whose folder is gone."""
    return [one for one in tree.lessons() if starters.state(one) != "untouched"]


def pack(target: Path, student: dict[str, str]) -> list[Lesson]:
    """Write the hand-in: one zip with the lessons begun and `student.json`; return the lessons.

    Nothing is written when no lesson is begun. Raises OSError; an older file is then as it was.
    """
    packed = [one for one in begun() if one.starter.is_dir()]
    if packed:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            said = json.dumps(student, indent=1, ensure_ascii=False)
            archive.writestr("student.json", said + "\n")
            for one in packed:
                for name, content in files_of(one.starter).items():
                    archive.writestr(f"lessons/{one.package}/{name}", content)
        write_whole(target, whole.getvalue())
    return packed
