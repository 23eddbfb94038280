"""A learner's edition holds no answer, works by itself, and its hand-in gets the same verdicts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from handed_in import grades

from workbook import tree
from workbook.authoring.cut import answer_files, starter_files
from workbook.authoring.release import ReleaseError, release

ABSENT = "solutions tests/corpus tests/house tests/hostile tests/classes benchmarks .git .ci"


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("edition") / "workbook"
    kept = release(out, through=2)
    assert [one.number for one in kept] == [1, 2]
    return out


def run(edition: Path, *words: str) -> str:
    """Run Python in the edition, where its own `workbook` is found first."""
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=edition,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("through", [None, 2])
def test_an_edition_holds_no_answer(through: int | None, tmp_path: Path) -> None:
    kept = release(tmp_path / "out", through)
    held = files(tmp_path / "out")
    assert not [name for name in ABSENT.split() if (tmp_path / "out" / name).exists()]
    numbers = {one.number for one in kept}
    for lesson in tree.lessons():
        there = (tmp_path / "out/lessons" / lesson.package).is_dir()
        assert there == (lesson.number in numbers)
        assert (tmp_path / "out/tests" / lesson.checks.name).is_dir() in (there, False)
    last = kept[-1]
    for name, content in answer_files(last).items():
        if content != starter_files(last).get(name):  # this is what the learner writes
            assert content not in held.values(), name
    assert not [name for name, text in held.items() if "lessons/" in name and b"# >>> your" in text]
    assert not [name for name in held if name.endswith(("golden.txt", "wrong.toml"))]


def test_an_edition_is_not_written_over_anything(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("work")
    with pytest.raises(ReleaseError, match="not empty"):
        release(tmp_path)
    with pytest.raises(ReleaseError):
        release(tmp_path / "new", through=0)


def test_its_test_command_is_green_while_nothing_is_begun(edition: Path) -> None:
    said = run(edition, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0")
    assert "skipped" in said
    assert "passed" not in said


def test_what_is_done_in_it_gets_the_same_verdicts(edition: Path, tmp_path: Path) -> None:
    first, second = (tree.lesson(number) for number in (1, 2))
    for name, content in answer_files(first).items():
        (edition / "lessons" / first.package / name).write_bytes(content)
    with (edition / "lessons" / second.package / "app.py").open("a") as app:
        app.write("\n# begun\n")
    assert "10 of 10 points" in run(edition, "-m", "workbook", "check", "1")
    assert "+# begun" in run(edition, "-m", "workbook", "diff", "2")
    place = tmp_path / "class"
    place.mkdir()
    run(edition, "-m", "workbook", "pack", "--name", "Zoë", "--to", str(place / "zoe.zip"))
    words = ("-m", "workbook", "grade", str(place), "--lessons", "1-2", "--jobs", "1")
    run(tree.ROOT, *words, "--out", str(tmp_path / "here"))
    run(edition, *words, "--out", str(tmp_path / "there"))
    ours, theirs = (grades(tmp_path / name)["zoe"] for name in ("here", "there"))
    assert ours == theirs
    assert (ours["student"], ours["lesson_01"]) == ("Zoë", "10")
    before = (edition / "lessons" / first.package / "app.py").read_bytes()
    said = run(edition, "-m", "workbook", "reset", "1")
    aside = Path(said.split("kept in ")[1].splitlines()[0])
    assert (edition / aside / "app.py").read_bytes() == before
    for name, content in starter_files(first).items():
        assert (edition / "lessons" / first.package / name).read_bytes() == content
