"""What the proofs share: a warm launcher, the starters as cut, and a tiny course of its own."""

from __future__ import annotations

import compileall
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from browsing import PATIENCE, chromium
from house.serving import Serve, Start, answers, faulty_apps
from workbook import tree
from workbook.authoring import cut
from workbook.running.server import Launcher, launcher

TOML = """
title = "Lesson {n}"
question = "What is {n} | or so?"
goals = ["one", "two", "three"]
minutes = {n}5

[files]
given = ["given.py"]

[[tasks]]
number = 1
title = "say {n}"
file = "app.py"
hints = ["a", "b", "c"]
"""

SOLUTION = '''"""Lesson {n}."""

GREETING = "hello"
# one
# two
# three
# four


def say() -> int:
    """Return the lesson's number."""
    # >>> your turn 1: say {n}
    # before: return 0
    return {n}
    # <<<
'''


@pytest.fixture(scope="session")
def warm() -> Iterator[Launcher]:
    """A launcher whose children start at once."""
    one = launcher()
    yield one
    one.close()


@pytest.fixture
def serve(warm: Launcher) -> Iterator[Serve]:
    """What serves a lesson's answer, changed by some edits; all end with the test."""
    with answers(warm) as one:
        yield one


@pytest.fixture
def start(warm: Launcher) -> Iterator[Start]:
    """What serves a faulty app of the notebooks by its name; all end with the test."""
    with faulty_apps(warm) as one:
        yield one


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a root with three lessons that have a solution but are not cut yet."""
    for n in (1, 2, 3):
        solution = tmp_path / f"solutions/lesson_{n:02d}_tiny"
        starter = tmp_path / f"lessons/lesson_{n:02d}_tiny"
        solution.mkdir(parents=True)
        starter.mkdir(parents=True)
        (starter / "lesson.toml").write_text(TOML.format(n=n), encoding="utf-8")
        (solution / "app.py").write_text(SOLUTION.format(n=n), encoding="utf-8")
        (solution / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/01_tiny.py").write_text('# %% tags=["predict"]\nguess = 1\n')
    (tmp_path / "README.md").write_text("Hello\n\n<!-- lessons -->\n<!-- /lessons -->\n")
    for name in ("lessons", "solutions", "notebooks"):
        monkeypatch.setattr(tree, name.upper(), tmp_path / name)
    monkeypatch.setattr(tree, "ROOT", tmp_path)
    # The real function remembers the real lessons; what it wraps reads them each time.
    monkeypatch.setattr(tree, "lessons", tree.lessons.__wrapped__)
    return tmp_path


@pytest.fixture(scope="session")
def starters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every starter as `cut` gives it, whatever a learner has made of lessons/."""
    folder = tmp_path_factory.mktemp("starters") / "lessons"
    for lesson in tree.lessons():
        for name, content in cut.starter_files(lesson).items():
            path = folder / lesson.package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def small_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that can be graded and run: lesson 1 and its twin, lesson 2, as they were cut."""
    root = tmp_path_factory.mktemp("small")
    first = tree.lesson(1)
    pristine, packages = cut.starter_files(first), (first.package, "lesson_02_twin")
    caches = shutil.ignore_patterns("__pycache__")
    for number, package in enumerate(packages, 1):
        for name, content in pristine.items():
            path = root / "lessons" / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shutil.copy(first.starter / "lesson.toml", root / "lessons" / package)
        shutil.copytree(first.solution, root / "solutions" / package, ignore=caches)
        checks = root / f"tests/lesson_{number:02d}"
        shutil.copytree(first.checks, checks, ignore=caches)
        for path in checks.glob("test_*.py"):  # pytest wants each name once
            path.rename(path.with_stem(f"{path.stem}_{number}"))
    hashes = dict.fromkeys(packages, cut.hashes(first))
    (root / "lessons/manifest.json").write_text(json.dumps(hashes))
    (root / "tests/attacks").mkdir()
    shutil.copy(tree.CHECKS / "attacks/read_every_profile.py", root / "tests/attacks")
    shutil.copy(tree.ROOT / "pyproject.toml", root)
    shutil.copytree(tree.ROOT / "workbook", root / "workbook", ignore=caches)
    compileall.compile_dir(root / "workbook", quiet=1)
    return root


@pytest.fixture
def clone(small_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small tree, for one test; in this process `workbook.tree` means it, too."""
    root = tmp_path / "clone"
    shutil.copytree(small_tree, root)
    for name in ("lessons", "solutions", "notebooks", "var"):
        monkeypatch.setattr(tree, name.upper(), root / name)
    monkeypatch.setattr(tree, "ROOT", root)
    monkeypatch.setattr(tree, "CHECKS", root / "tests")
    monkeypatch.setattr(tree, "lessons", tree.lessons.__wrapped__)
    monkeypatch.delenv("WORKBOOK_VAR", raising=False)
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's own Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def strangers() -> list[str]:
    """Addresses off this machine that the page asked for."""
    return []


@pytest.fixture
def page(browser: Any, strangers: list[str], tmp_path: Path) -> Iterator[Any]:
    """A fresh page that can reach this machine alone; its last look is kept in tmp_path."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)

    def pass_or_stop(route: Any) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", pass_or_stop)
    opened = context.new_page()
    yield opened
    opened.screenshot(path=tmp_path / "last.png")
    context.close()
