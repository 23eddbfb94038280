"""Every lesson proves itself: its answer passes, its starter fails on its own tasks alone."""

from functools import cache
from pathlib import Path

import pytest

from house.effort import WHOLE
from workbook import tree
from workbook.authoring import corpus, cut
from workbook.grading.checks import checks_of
from workbook.grading.report import Report, grade
from workbook.running.server import Launcher

LESSONS = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()]


def not_passed(report: Report) -> dict[str, str]:
    return {one.check.id: report.message(one) for one in report.outcomes if not one.passed}


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_answer_has_full_points(lesson: tree.Lesson, warm: Launcher) -> None:
    report = grade(lesson, tree.SOLUTIONS, warm)
    assert not_passed(report) == {}
    assert report.points == report.max_points > 0


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_starter_has_no_points_and_fails_on_each_task(
    lesson: tree.Lesson, warm: Launcher, starters: Path
) -> None:
    report = grade(lesson, starters, warm)
    words = {one.check.id: one.word for one in report.outcomes}
    assert report.points == 0, words
    assert not set(words.values()) & {"broken", "timed out", "fault of ours"}, words
    for outcome in report.outcomes:
        if outcome.check.points == 0:
            assert outcome.passed, report.message(outcome)
    failing = {one.check.task for one in report.outcomes if not one.passed}
    assert failing == {task.number for task in lesson.tasks}, words


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_task_is_marked_in_its_file_and_graded(lesson: tree.Lesson) -> None:
    graded = {one.task for one in checks_of(lesson).values() if one.task}
    assert graded == {task.number for task in lesson.tasks}
    for task in lesson.tasks:
        marked = (lesson.solution / task.file).read_text("utf-8")
        assert f"# >>> your turn {task.number}:" in marked
        assert len(task.hints) == 3


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_check_says_what_it_is_for(lesson: tree.Lesson) -> None:
    for check in checks_of(lesson).values():
        assert check.why, check.id
        assert (check.points == 0) == (check.task is None), check.id


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_files_that_differ_are_the_files_listed(lesson: tree.Lesson) -> None:
    if lesson.number == 1:
        pytest.skip("the first lesson has nothing before it")
    before = cut.answer_files(tree.lesson(lesson.number - 1))
    after = cut.answer_files(lesson)
    exempt = {"__init__.py"}
    added = set(after) - set(before) - exempt
    changed = {name for name in set(after) & set(before) - exempt if after[name] != before[name]}
    given = set(lesson.given)
    assert set(lesson.adds) == added - given
    assert set(lesson.changes) == changed - given
    assert given <= added | changed
    assert set(before) - set(after) == set(lesson.removes)
    assert len(lesson.adds) + len(lesson.changes) <= 4 or lesson.number in (2, 7, 11, 12)


last_failing = cache(corpus.last_failing)


@cache
def tried(lesson: tree.Lesson) -> list[corpus.Wrong]:
    """Return the wrong solutions that are tried, in their order: all, or one for each check.

    Where it is one, it is asked up to the last check that it must fail. What comes after that one
    has passed when the golden transcripts were written.
    """
    wrong = corpus.wrong_solutions(lesson)
    firsts = {one.caught_by: one for one in reversed(wrong)}
    return [one for one in wrong if WHOLE or firsts[one.caught_by] is one]


REST = pytest.mark.skip(reason="skipped: TEST_ALL is not set")
WRONG = [
    pytest.param(
        lesson, one, id=f"{lesson.number}: {one.name}", marks=[] if one in tried(lesson) else REST
    )
    for lesson in tree.lessons()
    for one in corpus.wrong_solutions(lesson)
]


@pytest.fixture(scope="session")
def judged(warm: Launcher) -> dict[tuple[int, str], Report]:
    """Reports on wrong solutions, so that each is graded once a session."""
    return {}


@pytest.mark.parametrize(("lesson", "wrong"), WRONG)
def test_a_wrong_solution_is_caught_by_the_check_that_names_it(
    lesson: tree.Lesson,
    wrong: corpus.Wrong,
    warm: Launcher,
    judged: dict[tuple[int, str], Report],
) -> None:
    last = "" if WHOLE else last_failing(lesson).get(wrong.name, "")
    report = corpus.judged(lesson, wrong, warm, last)
    judged[lesson.number, wrong.name] = report
    assert report.first is not None, "nothing caught it"
    assert report.first.check.id == wrong.caught_by, report.message()
    assert report.first.word in ("failed", "timed out", "broken")
    golden = (corpus.folder_of(lesson) / corpus.GOLDEN).read_text("utf-8")
    assert corpus.entry(wrong.name, report) in golden, report.message()
    assert len(report.message().splitlines()) <= 8


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_check_catches_something(
    lesson: tree.Lesson, warm: Launcher, judged: dict[tuple[int, str], Report]
) -> None:
    caught: set[str] = set()
    for wrong in tried(lesson):
        report = judged.get((lesson.number, wrong.name)) or corpus.judged(lesson, wrong, warm)
        caught |= {one.check.id for one in report.outcomes if one.word in ("failed", "timed out")}
    assert set(checks_of(lesson)) - caught == set()


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_corpus_is_large_enough(lesson: tree.Lesson) -> None:
    assert len(corpus.wrong_solutions(lesson)) >= 8
    assert len(corpus.right_solutions(lesson)) >= 3


RIGHT = [
    pytest.param(lesson, folder, id=f"{lesson.number}: {folder.name}")
    for lesson in tree.lessons()
    for folder in corpus.right_solutions(lesson)
]


@pytest.mark.parametrize(("lesson", "folder"), RIGHT)
def test_a_right_solution_written_differently_has_full_points(
    lesson: tree.Lesson, folder: Path, warm: Launcher
) -> None:
    report = corpus.judged(lesson, folder, warm)
    assert not_passed(report) == {}
    assert report.points == report.max_points
