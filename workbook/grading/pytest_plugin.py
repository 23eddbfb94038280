"""Graded checks as pytest tests: every check is an item, and pytest's own options keep working."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbook import starters, tree
from workbook.grading.checks import Check, lesson_number
from workbook.grading.engine import Outcome, Run
from workbook.grading.messages import safe
from workbook.grading.report import Report
from workbook.running.server import Launcher, launcher
from workbook.tree import Lesson, lesson

SESSION = pytest.StashKey["Grading"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say what is graded."""
    group = parser.getgroup("workbook", "grading a lesson")
    group.addoption("--submission", metavar="DIR", help="grade the lessons of this tree")
    group.addoption("--solution", action="store_true", help="grade the workbook's own solutions")
    group.addoption("--seed", default="", help="names and passwords of the users are made from it")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """Let the whole proof use three processes, unless one asked otherwise.

    Each waits for others a quarter of the time: two leave two processors idle.

    A run that names files, a debugger or `-n` is left alone; so is a machine with one processor.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    option = config.option
    free = getattr(option, "numprocesses", 0) is None and not option.usepdb
    graded = option.submission or option.solution or option.collectonly
    worker = hasattr(config, "workerinput")  # one that would start workers of its own, without end
    if whole and free and not (graded or worker) and (os.cpu_count() or 1) > 1:
        option.numprocesses, option.dist = 3, "loadscope"
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together in one process what shares costly things: a file, or a lesson's part of it."""
    if config.getvalue("dist") not in ("load", "loadscope"):  # the first is what `-n` alone means
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByLesson(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            file, _, name = nodeid.partition("::")
            lesson = re.search(r"\[(?:lesson )?(\d+)(?:[]:_]|$)", name)
            return f"{file} {int(lesson[1])}" if lesson else file

    return ByLesson(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass by the proofs of the workbook itself, unread, when a submission is graded."""
    if config.stash[SESSION].own or collection_path.parent != tree.CHECKS:
        return None
    return None if lesson_number(collection_path / "test.py") else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no check is when a submission is graded."""
    if not config.stash[SESSION].own:
        proofs = [item for item in items if not isinstance(item, CheckItem)]
        items[:] = [item for item in items if isinstance(item, CheckItem)]
        config.hook.pytest_deselected(items=proofs)


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the one launcher and the runs that all checks of the session share."""
    given = config.getoption("--submission")
    if given and config.inipath and config.inipath.is_relative_to(Path(given).resolve()):
        raise pytest.UsageError(
            f"pytest took its settings from the submission ({config.inipath}). "
            "Write --submission=DIR, with the = sign."
        )
    config.stash[SESSION] = Grading(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every server of the session."""
    if grading := config.stash.get(SESSION, None):
        grading.close()


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> pytest.Item | None:
    """Make an item of a function that is declared as a check."""
    declared = getattr(obj, "check", None)
    number = lesson_number(collector.path)
    if not isinstance(declared, Check) or number is None:
        return None
    item: CheckItem = CheckItem.from_parent(collector, name=name)
    item.lesson, item.check, item.obj = lesson(number), declared, obj
    return item


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say the points of each graded lesson, wherever its checks ran (xdist has many places)."""
    scores: dict[int, list[int]] = {}
    for word in ("passed", "failed", "skipped"):
        for report in terminalreporter.stats.get(word, []):
            said = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call" and "max_points" in said:
                score = scores.setdefault(said["lesson"], [0, 0, 0])
                for place, number in enumerate((said["points"], said["max_points"], 1)):
                    score[place] += number
    for number, (points, of, checks) in sorted(scores.items()):
        terminalreporter.write_line(f"lesson {number}: {points} of {of} points, {checks} checks")


def lessons_folder(submission: Path) -> Path:
    """Return the folder that holds a submission's lesson packages: `lessons`, or its top."""
    inner = submission / "lessons"
    return inner if inner.is_dir() else submission


class Grading:
    """What is graded in this session, and the runs made so far."""

    def __init__(self, config: pytest.Config) -> None:
        self.submission: str | None = config.getoption("--submission")
        self.seed: str = config.getoption("--seed")
        self.own = not self.submission and not config.getoption("--solution")
        self.folder = tree.SOLUTIONS if config.getoption("--solution") else tree.LESSONS
        if self.submission:
            self.folder = lessons_folder(Path(self.submission))
            if not self.folder.is_dir():
                raise pytest.UsageError(f"--submission {self.submission}: there is no such folder")
        self._launcher: Launcher | None = None
        self._runs: dict[int, Run] = {}

    def outcome(self, graded: Lesson, check: Check) -> Outcome:
        """Return how a check ends on what is graded."""
        if graded.number not in self._runs:
            self._launcher = self._launcher or launcher()
            self._runs[graded.number] = Run(graded, self.folder, self._launcher, self.seed)
        return self._runs[graded.number].outcome(check.id)

    def message(self, graded: Lesson, outcome: Outcome) -> str:
        """Return the message that `workbook check` shows for an outcome.

        A known mistake shows by all that fails, so the checks left over are asked as well.
        """
        run = self._runs[graded.number]
        return Report(graded, tuple(run.all()), files=run.files).message(outcome)

    def close(self) -> None:
        """End all runs and the launcher."""
        for run in self._runs.values():
            run.close()
        if self._launcher:
            self._launcher.close()


class NotPassed(Exception):
    """A check ended with something other than `passed`; its text is the whole message."""


class CheckItem(pytest.Item):
    """One check of one lesson."""

    lesson: Lesson
    check: Check
    obj: object

    def setup(self) -> None:
        """Skip a lesson of one's own that was not begun."""
        grading = self.config.stash[SESSION]
        if grading.own and starters.state(self.lesson) == "untouched":
            pytest.skip("not begun")

    def runtest(self) -> None:
        """Ask the check, and record its points for JUnit."""
        grading = self.config.stash[SESSION]
        outcome = grading.outcome(self.lesson, self.check)
        self.user_properties += [
            ("lesson", self.lesson.number),
            ("task", self.check.task or 0),
            ("points", outcome.points),
            ("max_points", self.check.points),
            ("outcome", outcome.word),
        ]
        if outcome.word == "not reached":
            pytest.skip(safe(f"not reached: {outcome.note}")[:300])
        if not outcome.passed:
            raise NotPassed(grading.message(self.lesson, outcome))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show a failed check as its message alone, without a traceback."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the check stands, for pytest and for editors."""
        line: int = self.obj.__code__.co_firstlineno - 1  # type: ignore[attr-defined]
        return self.path, line, f"lesson {self.lesson.number}: {self.check.title}"
