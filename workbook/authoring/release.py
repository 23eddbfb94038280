"""The learner's edition: everything but the answers, what is made from them, and the history."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from workbook import tree
from workbook.attacking.attacks import FOLDER as ATTACKS
from workbook.attacking.attacks import attacks
from workbook.authoring import cut, notebooks, tables
from workbook.authoring.programs import printed

LEFT_OUT = (
    "solutions/",
    "tests/corpus/",
    "tests/house/",
    "tests/hostile/",
    "tests/classes/",
    "benchmarks/",
    "docs/authors.md",
    "docs/instructors.md",
    ".ci/",
    ".git",
)
"""What the edition does not hold; a name that ends in a slash is a folder."""


class ReleaseError(Exception):
    """The edition cannot be made; the message says why."""


def release(out: Path, through: int | None = None) -> list[tree.Lesson]:
    """Write the learner's edition into a new folder; return its lessons.

    `through` is the last lesson of it: the starter of the next one would hold its answer. Raises
    ReleaseError, ProgramFailed and OSError.
    """
    if out.exists() and any(out.iterdir()):
        raise ReleaseError(f"{out} is not empty")
    kept = [one for one in tree.lessons() if through is None or one.number <= through]
    if not kept:
        raise ReleaseError("No lesson is left.")
    for path in _files(kept):
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree.ROOT / path, target)
    for lesson in kept:
        pristine = cut.starter_files(lesson)
        for file, content in pristine.items():
            for place in (out / "lessons", out / "lessons" / tree.PRISTINE):
                target = place / lesson.package / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    hashes = {lesson.package: cut.hashes(lesson) for lesson in kept}
    (out / "lessons/manifest.json").write_text(cut.manifest_text(hashes), encoding="utf-8")
    _write_notebooks(out, kept)
    (out / "README.md").write_text(readme(kept), encoding="utf-8", newline="\n")
    return kept


def _files(kept: list[tree.Lesson]) -> Iterator[str]:
    """Give the tracked files that come along as they are."""
    listed = printed("git", "ls-files", "-z", folder=tree.ROOT).decode("utf-8")
    packages = {one.package for one in kept}
    numbers = {f"lesson_{one.number:02d}" for one in kept}
    late = {one.name for one in attacks() if all(one.closes != lesson.number for lesson in kept)}
    for path in filter(None, listed.split("\0")):
        place = Path(path)
        if any(path.startswith(one) for one in LEFT_OUT):
            continue
        if place.parts[0] == "lessons" and len(place.parts) > 2 and place.parts[1] not in packages:
            continue
        if path.startswith("tests/lesson_") and place.parts[1] not in numbers:
            continue
        if place.parent == ATTACKS.relative_to(tree.ROOT) and place.stem in late:
            continue
        if place.parts[0] == "notebooks" and place.parts[1] not in ("wild", "figures.json"):
            continue
        yield path


def _write_notebooks(out: Path, kept: list[tree.Lesson]) -> None:
    for lesson in kept:
        script = lesson.notebook.with_suffix(".py")
        if script.is_file():
            target = out / "notebooks" / lesson.notebook.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(notebooks.build(script))


def readme(kept: list[tree.Lesson]) -> str:
    """Return the edition's README: without what is for authors, and of later lessons."""
    text = (tree.ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"<!-- authors -->\n.*?<!-- /authors -->\n", "", text, flags=re.DOTALL)
    text = tables.replace_block(text, "lessons", tables.lesson_table(kept))
    found = re.search(r"<!-- matrix -->\n(.*?)\n<!-- /matrix -->", text, flags=re.DOTALL)
    if not found:
        raise ReleaseError("the README has no matrix")
    return tables.replace_block(text, "matrix", _narrowed(found[1], kept))


def _narrowed(matrix: str, kept: list[tree.Lesson]) -> str:
    """Return the matrix with the columns of these lessons, and the attacks that they close."""
    titles = {one.title for one in attacks() if any(one.closes == k.number for k in kept)}
    lines = matrix.splitlines()
    rows = [line for line in lines if line.split(" | ")[0].removeprefix("| ") in titles]
    wide = 2 + len(kept)
    narrowed = []
    for line in [*lines[:2], *rows]:
        cells = line.strip().strip("|").split("|")
        narrowed.append("|" + "|".join(cells[:wide]) + "|")
    return "\n".join(narrowed)
