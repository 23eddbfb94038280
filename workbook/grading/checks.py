"""What a check declares of itself, and how a lesson's checks are found."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from workbook.tree import CHECKS, Lesson

if TYPE_CHECKING:
    from workbook.grading.api import Api

Judge = Callable[["Api"], None]


@dataclass(frozen=True)
class Check:
    """One graded question to a submission.

    `task` is the learner's task that it judges, or None for something kept from earlier lessons;
    `file` is where to look when that is another file than the task's own;
    `catches` names mistakes of the catalogue; `after` names checks that must have passed, or this
    one is not reached; `see` is the standard's section; `slow` marks one that pays the default
    price of password hashing; `beside` are the settings of a second server that it asks for with
    `api.another`, and that gets ready, with Alice logged in, while other checks are asked; `files`
    lie in that one's data folder before it starts.
    """

    id: str
    title: str
    judge: Judge
    task: int | None
    points: int
    catches: tuple[str, ...]
    why: str
    see: str
    file: str
    after: tuple[str, ...]
    slow: bool
    beside: dict[str, str]
    files: dict[str, str]


def check(
    title: str,
    *,
    task: int | None,
    points: int = 1,
    catches: str = "",
    why: str = "",
    see: str = "",
    file: str = "",
    after: tuple[Judge, ...] | tuple[str, ...] = (),
    slow: bool = False,
    beside: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
) -> Callable[[Judge], Judge]:
    """Declare a test function as a graded check; its name without `test_` is the check's id.

    `title` is the sentence that a right submission makes true. `catches` is a list of mistake
    ids, separated by spaces. `after` takes functions, or ids where they live in another file.
    """

    def declare(judge: Judge) -> Judge:
        before = tuple(one if isinstance(one, str) else _id(one) for one in after)
        declared = Check(
            id=_id(judge),
            title=title,
            judge=judge,
            task=task,
            points=points,
            catches=tuple(catches.split()),
            why=why,
            see=see,
            file=file,
            after=before,
            slow=slow,
            beside=beside or {},
            files=files or {},
        )
        judge.check = declared  # type: ignore[attr-defined]
        return judge

    return declare


def _id(judge: Judge) -> str:
    return judge.__name__.removeprefix("test_")


def lesson_number(path: Path) -> int | None:
    """Return the lesson whose checks stand in this file, by its folder's name."""
    found = re.fullmatch(r"lesson_(\d\d)", path.parent.name)
    return int(found[1]) if found else None


@cache
def checks_of(lesson: Lesson) -> dict[str, Check]:
    """Return a lesson's checks by id, in the order in which they are to be run."""
    found: dict[str, Check] = {}
    for path in sorted(lesson.checks.glob("test_*.py")):
        for declared in _declared(_load(path)):
            if declared.id in found:
                raise ValueError(f"{path}: a second check is called {declared.id}")
            if missing := set(declared.after) - set(found):
                raise ValueError(f"{path}: {declared.id} stands before {', '.join(missing)}")
            found[declared.id] = declared
    return found


def _declared(module: ModuleType) -> Iterator[Check]:
    for value in vars(module).values():
        if isinstance(getattr(value, "check", None), Check) and value.__module__ == module.__name__:
            yield value.check


def _load(path: Path) -> ModuleType:
    if str(CHECKS) not in sys.path:
        sys.path.insert(0, str(CHECKS))  # what the checks of several lessons share stands there
    name = f"graded_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
