"""The rules of the house: which room may know which, and how large a room may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook import tree
from workbook.authoring.cut import answer_files

WORKBOOK = tree.ROOT / "workbook"
# A room imports rooms that stand before it, never one behind it.
ORDER = (
    "tree", "marks", "starters", "running", "talking", "storing", "grading", "attacking",
    "learning", "classroom", "notebook", "authoring", "cli",
)  # fmt: skip


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            if node.module == "workbook":
                yield from (f"workbook.{name.name}" for name in node.names)


def python_files(*folders: Path) -> list[Path]:
    found = (path for folder in folders for path in folder.rglob("*.py"))
    return sorted(path for path in found if "__pycache__" not in path.parts)


def test_no_lesson_imports_the_workbook() -> None:
    for path in python_files(tree.LESSONS, tree.SOLUTIONS, tree.NOTEBOOKS / "wild"):
        assert not [name for name in imported(path) if name.startswith("workbook")], path


def test_no_check_or_attack_imports_a_submission() -> None:
    graded = [path for path in tree.CHECKS.iterdir() if path.name.startswith("lesson_")]
    for path in python_files(*graded, tree.CHECKS / "attacks"):
        wrong = [name for name in imported(path) if name.split(".")[0] in ("lessons", "solutions")]
        assert not wrong, path


def test_the_workbook_names_no_lesson() -> None:
    for path in python_files(WORKBOOK):
        text = path.read_text("utf-8")
        assert not re.search(r"lesson_\d\d_[a-z]", text), path
        for one in tree.lessons():
            assert one.package not in text, path


@pytest.mark.parametrize("room", ORDER)
def test_arrows_between_rooms_run_one_way(room: str) -> None:
    files = python_files(WORKBOOK / room) or [WORKBOOK / f"{room}.py"]
    allowed = set(ORDER[: ORDER.index(room) + 1])
    for path in files:
        for name in imported(path):
            if name.startswith("workbook."):
                assert name.split(".")[1] in allowed, f"{path.name} imports {name}"


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {path.stem for path in WORKBOOK.iterdir() if path.name[0] not in "_."}
    assert rooms == set(ORDER)


def code_lines(path: Path) -> int:
    """Count the lines that are neither blank nor comment nor docstring."""
    text = path.read_text("utf-8")
    words: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            words |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in words
        for number, line in lines
    )


def test_the_stage_stays_small() -> None:
    for path in python_files(WORKBOOK):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path
    assert sum(code_lines(path) for path in python_files(WORKBOOK)) <= 8000


def test_lesson_code_stays_short() -> None:
    for path in python_files(tree.SOLUTIONS):
        text = path.read_text("utf-8")
        answer = [line for line in text.splitlines() if not line.lstrip().startswith("# before:")]
        assert len(answer) <= 130, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 30, f"{path}: {node.name}"


SECURITY = (
    "tokens", "passwords", "security", "roles", "scopes", "denylist", "redis_list", "sessions",
    "refresh", "login", "oauth",
)  # fmt: skip


def test_all_security_code_of_lesson_12_can_be_read_in_one_sitting() -> None:
    answer = answer_files(tree.lesson(12))
    texts = [answer[f"{name}.py"].decode("utf-8") for name in SECURITY]
    assert sum(bool(line.strip()) for text in texts for line in text.splitlines()) <= 500
    for node in (node for text in texts for node in ast.walk(ast.parse(text))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 25, node.name


def test_no_secret_and_no_address_of_a_machine_stands_in_the_tree() -> None:
    for path in python_files(tree.LESSONS, tree.SOLUTIONS, WORKBOOK):
        text = path.read_text("utf-8")
        assert not re.search(r"SECRET_KEY\s*=\s*[\"'][^\"']{8,}", text), path
        assert not re.search(r"\beyJ[\w-]{10,}\.", text), path
