"""The answers keep their promises on PostgreSQL and Redis, too, where the machine has them.

TEST_DATABASE_URL is an address at which a database may be created, such as
`postgresql://user@127.0.0.1:5432/postgres`; TEST_REDIS_URL is one of a Redis to write into.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from house.stores import POSTGRESQL, REDIS, new_database
from workbook import tree
from workbook.authoring import corpus
from workbook.grading.report import grade
from workbook.running.server import Launcher


def lessons_reading(variable: str) -> list[object]:
    """Return the lessons whose answer reads this variable, as parameters."""
    return [
        pytest.param(one, id=f"lesson {one.number}")
        for one in tree.lessons()
        if any(f'"{variable}"' in path.read_text("utf-8") for path in one.solution.glob("*.py"))
    ]


@pytest.fixture
def database_url() -> Iterator[str]:
    """Give a database that is new, and drop it afterwards."""
    if not POSTGRESQL:
        pytest.skip("skipped: no PostgreSQL at TEST_DATABASE_URL")
    with new_database() as url:
        yield url


def keeps_its_promises(
    lesson: tree.Lesson, folder: Path, warm: Launcher, environment: dict[str, str]
) -> None:
    report = grade(lesson, folder, warm, environment=environment)
    failed = {one.check.id: report.message(one) for one in report.outcomes if not one.passed}
    assert failed == {}
    assert report.points == report.max_points > 0


@pytest.mark.parametrize("lesson", lessons_reading("DATABASE_URL"))
def test_the_answer_has_full_points_on_postgresql(
    lesson: tree.Lesson, warm: Launcher, database_url: str
) -> None:
    keeps_its_promises(lesson, tree.SOLUTIONS, warm, {"DATABASE_URL": database_url})


@pytest.mark.parametrize("lesson", lessons_reading("REDIS_URL"))
def test_the_answer_has_full_points_with_redis(lesson: tree.Lesson, warm: Launcher) -> None:
    if not REDIS:
        pytest.skip("skipped: no Redis at TEST_REDIS_URL")
    keeps_its_promises(lesson, tree.SOLUTIONS, warm, {"REDIS_URL": REDIS})


def test_accounts_of_a_file_move_into_postgresql(warm: Launcher, database_url: str) -> None:
    """A check's second server has a database of its own; here the move is made into this one."""
    lesson = next(one for one in tree.lessons() if "database.py" in one.adds)
    with corpus.written(lesson) as folder:
        startup = folder / lesson.package / "startup.py"
        # What lies in DATA_DIR of lesson 6 when the service is started for the first time.
        planted = (
            "import json as _json\nDATA_DIR.mkdir(parents=True, exist_ok=True)\n"
            "(DATA_DIR / 'users.json').write_text(_json.dumps({'rosa': {'id': 'r1', "
            "'username': 'rosa', 'email': 'r@example.com', 'full_name': 'Rosa', "
            "'password_hash': 'x', 'disabled': True}}))\n"
        )
        startup.write_text(startup.read_text("utf-8") + planted, "utf-8")
        found = []
        grade(
            lesson,
            folder,
            warm,
            environment={"DATABASE_URL": database_url},
            afterwards=lambda _, api: found.extend(
                api.stored.rows("SELECT id, disabled FROM users WHERE username = ?", "rosa")
            ),
        )
    assert found == [{"id": "r1", "disabled": True}]
