"""The learner's own lessons: how they differ from the starters, going back, handing in."""

from __future__ import annotations

import difflib
import json
import shutil
import time
import zipfile
from pathlib import Path

from workbook import starters
from workbook.tree import LESSONS, VAR, Lesson, lessons

KEPT = VAR / "kept"
LEFT_OUT = ("__pycache__", ".ipynb_checkpoints")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return a lesson folder's files by relative path, without caches and links."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not set(path.parts) & set(LEFT_OUT)
    }


def difference(lesson: Lesson, other: dict[str, bytes], name: str) -> str:
    """Return a unified diff from `other` (called `name`) to the learner's Python files."""
    mine = files_of(lesson.starter)
    lines: list[str] = []
    for path in sorted(mine.keys() | other.keys()):
        if path.endswith(".py") and mine.get(path) != other.get(path):
            before, after = (
                side.get(path, b"").decode("utf-8", "replace").splitlines(keepends=True)
                for side in (other, mine)
            )
            lines += difflib.unified_diff(before, after, f"{name}/{path}", f"mine/{path}")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def reset(lesson: Lesson, pristine: dict[str, bytes], kept: Path = KEPT) -> Path | None:
    """Put the starter back; return the folder where the learner's version is kept aside.

    None when there was nothing to keep. Files that the learner added are moved aside too.
    """
    aside = None
    if lesson.starter.exists() and starters.state(lesson) != "untouched":
        stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
        aside = kept / f"{lesson.package}_{stamp}"
        for number in range(2, 1000):
            if not aside.exists():
                break
            aside = kept / f"{lesson.package}_{stamp}_{number}"
        shutil.copytree(lesson.starter, aside, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for name in files_of(lesson.starter) if lesson.starter.exists() else ():
        if name.endswith(".py") and name not in pristine:
            (lesson.starter / name).unlink()
    for name, content in pristine.items():
        path = lesson.starter / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return aside


def begun() -> list[Lesson]:
    """Return the lessons that the learner has changed, or whose folder is gone."""
    return [one for one in lessons() if starters.state(one) != "untouched"]


def pack(target: Path, student: dict[str, str], folder: Path = LESSONS) -> list[Lesson]:
    """Write the hand-in: one zip with the lessons begun and `student.json`; return the lessons."""
    packed = [one for one in begun() if (folder / one.package).is_dir()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("student.json", json.dumps(student, indent=1, ensure_ascii=False) + "\n")
        for one in packed:
            for name, content in files_of(folder / one.package).items():
                archive.writestr(f"lessons/{one.package}/{name}", content)
    return packed
