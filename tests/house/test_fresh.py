"""What is generated is what its generator gives today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbook.authoring import lock, notebooks, programs, tables
from workbook.authoring.cut import cut_all
from workbook.authoring.fresh import stale


@pytest.fixture
def written(course: Path) -> Path:
    """Give the tiny course with everything generated."""
    cut_all()
    notebooks.build_all()
    tables.write_readme()
    return course


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_everything_generated_here_is_fresh():
    """The workbook's own; `uv run workbook author` makes it so."""
    assert stale() == []


def test_before_the_first_cut_everything_is_stale(course: Path):
    """Each generated file is named."""
    pages = [
        f"{room}/lesson_{n:02d}_tiny/CHANGES.md"
        for n in (1, 2, 3)
        for room in ("lessons", "solutions")
    ]
    rest = ["notebooks/01_tiny.ipynb", "README.md"]
    assert stale() == ["lessons/manifest.json", *pages, *rest]


def test_once_written_everything_is_fresh(written: Path):
    """Also for the author's stricter look."""
    assert stale() == stale(strict=True) == []


def test_an_edited_solution_is_noticed(written: Path):
    """In the manifest and in each page of changes that shows it."""
    edit(written / "solutions/lesson_02_tiny/app.py", "hello", "good day")
    assert stale() == [
        "lessons/manifest.json",
        "lessons/lesson_02_tiny/CHANGES.md",
        "solutions/lesson_02_tiny/CHANGES.md",
        "lessons/lesson_03_tiny/CHANGES.md",
        "solutions/lesson_03_tiny/CHANGES.md",
    ]


def test_a_new_answer_alone_changes_no_starter(written: Path):
    """The manifest stays fresh, the pages do not."""
    edit(written / "solutions/lesson_03_tiny/app.py", "return 3", "return 1 + 2")
    assert stale() == ["solutions/lesson_03_tiny/CHANGES.md"]


def test_a_lesson_without_a_solution_is_noticed(written: Path):
    """A renamed folder must not hide its lesson."""
    (written / "solutions/lesson_03_tiny").rename(written / "solutions/lesson_33_tiny")
    assert stale() == ["lessons/manifest.json"]


def test_a_learners_work_is_no_staleness(written: Path):
    """An edited starter, a notebook that was run, edited and saved: only the author minds."""
    edit(written / "lessons/lesson_02_tiny/app.py", "return 0", "return 2")
    path = written / "notebooks/01_tiny.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0] |= {"execution_count": 3, "source": ["guess = 2\n"]}
    path.write_text(json.dumps(notebook))
    assert stale() == []
    assert stale(strict=True) == ["lessons/lesson_02_tiny/app.py", "notebooks/01_tiny.ipynb"]


def test_a_notebook_of_an_older_script_is_noticed(written: Path):
    """Also when it was run since, and when it is no notebook at all."""
    path = written / "notebooks/01_tiny.ipynb"
    edit(written / "notebooks/01_tiny.py", "guess = 1", "guess = 3")
    assert stale() == ["notebooks/01_tiny.ipynb"]
    for text in ("<<<<<<< ours", "[]", '{"cells": 1, "metadata": {}}'):
        path.write_text(text)
        assert stale() == ["notebooks/01_tiny.ipynb"]


def test_a_notebook_without_the_scripts_hash_is_judged_by_its_cells(written: Path):
    """Some editors write metadata of their own."""
    path = written / "notebooks/01_tiny.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"] = {}
    path.write_text(json.dumps(notebook))
    assert stale() == []
    edit(written / "notebooks/01_tiny.py", "guess = 1", "guess = 3")
    assert stale() == ["notebooks/01_tiny.ipynb"]


def test_a_notebook_without_a_script_is_for_the_author_to_see(written: Path):
    """A learner may keep copies."""
    (written / "notebooks/01_tiny-Copy1.ipynb").write_text("{}")
    assert stale() == []
    assert stale(strict=True) == ["notebooks/01_tiny-Copy1.ipynb"]


def test_windows_line_ends_are_fresh(written: Path):
    """A clone on Windows may have them everywhere."""
    for path in written.rglob("*.*"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert stale() == stale(strict=True) == []


def test_a_learners_edition_has_nothing_to_cut(written: Path):
    """Its notebooks and its README are still looked at."""
    (written / "solutions").rename(written / "elsewhere")
    edit(written / "README.md", "| 15 |", "| 16 |")
    assert stale() == ["README.md"]


def test_the_lesson_table(written: Path):
    """Number, linked question, tasks, minutes; a pipe does not break a cell."""
    text = (written / "README.md").read_text()
    assert "\n| 2 | [What is 2 \\| or so?](notebooks/02_tiny.ipynb) | say 2 | 25 |\n" in text
    assert text.startswith("Hello\n\n<!-- lessons -->\n| # |")


def test_replace_block():
    """What stands around a block stays, byte for byte."""
    page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y --><!-- /y -->"
    assert tables.replace_block(page, "x", "new\n") == page.replace("old", "new")
    assert tables.replace_block(page, "y", "new").endswith("<!-- y -->\nnew\n<!-- /y -->")


@pytest.mark.parametrize("page", ["", "<!-- x -->", "<!-- /x --><!-- x -->", "<!-- x -->\n" * 2])
def test_replace_block_needs_its_comments(page):
    """Each once, in order."""
    with pytest.raises(tables.NoSuchBlock):
        tables.replace_block(page, "x", "new")


EXPORTED = b"fastapi==1.0 \\\n    --hash=sha256:abc\n    # via a-workbook\n"


def test_the_lock_is_compared_with_a_new_export(tmp_path, monkeypatch):
    """It names one command, and no address."""
    monkeypatch.setattr(lock, "printed", lambda *_, **__: EXPORTED)
    assert lock.fresh(tmp_path) == "stale"
    lock.write(tmp_path)
    assert lock.fresh(tmp_path) == "fresh"
    text = (tmp_path / "requirements.lock").read_text()
    assert text.startswith("# Written by `uv run workbook author lock`.\nfastapi==1.0 \\\n")
    monkeypatch.setattr(lock, "printed", lambda *_, **__: EXPORTED.replace(b"1.0", b"1.1"))
    assert lock.fresh(tmp_path) == "stale"


@pytest.mark.parametrize("address", ["--index-url x", "--find-links x", "a @ https://example.org"])
def test_the_lock_refuses_an_address(tmp_path, monkeypatch, address):
    """No file of the workbook names where packages are loaded from."""
    monkeypatch.setattr(lock, "printed", lambda *_, **__: EXPORTED + address.encode())
    with pytest.raises(lock.LockError, match=address):
        lock.write(tmp_path)
    assert not (tmp_path / "requirements.lock").exists()


def test_the_lock_is_skipped_without_uv(tmp_path, monkeypatch):
    """Or without uv's own lock file."""
    assert lock.fresh(tmp_path) == "skipped"
    monkeypatch.setattr(programs.shutil, "which", lambda _: None)
    assert lock.fresh(tmp_path) == "skipped"


def test_the_lock_here_is_fresh():
    """Where uv can tell without a network."""
    verdict = lock.fresh()
    if verdict == "skipped":
        pytest.skip("uv cannot export here")
    assert verdict == "fresh"
