"""What the proofs of class runs share: submissions made of the corpus."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from handed_in import Submit

from workbook import tree
from workbook.authoring import corpus


@pytest.fixture
def submit(tmp_path: Path) -> Submit:
    """Write a submission: the answer of some lessons, or a wrong solution of one."""

    def write(name: str, *numbers: int, wrong: int = -1, into: Path | None = None) -> Path:
        place = (into or tmp_path / "class") / name
        for number in numbers:
            lesson = tree.lesson(number)
            changed = corpus.wrong_solutions(lesson)[wrong] if wrong >= 0 else None
            with corpus.written(lesson, changed) as folder:
                target = place / "lessons" / lesson.package
                shutil.copytree(folder / lesson.package, target)
        place.mkdir(parents=True, exist_ok=True)
        return place

    return write
