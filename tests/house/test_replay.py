"""A curl line of a report can be replayed: `serve N --replay` has the check's users and key."""

from pathlib import Path

import pytest

from workbook import tree
from workbook.grading.api import Api
from workbook.grading.engine import Run
from workbook.learning import replay
from workbook.running.server import Launcher, Server, job_for


def test_a_request_of_a_check_gets_the_same_answer_again(
    warm: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "VAR", tmp_path / "var")
    lesson = tree.lessons()[-1]
    assert replay.environment(lesson) == {}
    with Run(lesson, tree.SOLUTIONS, warm) as run:
        check = next(one for one in run.checks.values() if one.task)
        assert run.outcome(check.id).passed
        assert run.api is not None
        asked = next(seen for seen in run.api.exchanges if "Welcome" in seen.text)
        replay.keep(lesson, run.api)
    kept = replay.environment(lesson)
    again = Api(
        Server(warm, job_for(tree.SOLUTIONS, lesson.package, tmp_path, kept), home=tmp_path)
    )
    again.server.start()
    headers = list(asked.request.headers)
    assert again.call(asked.request.method, asked.request.path, headers=headers).json == asked.json
    again.close()


def test_what_cannot_be_kept_is_not_half_kept(
    warm: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    monkeypatch.setattr(tree, "VAR", tmp_path / "var")
    lesson = tree.lessons()[0]
    with Run(lesson, tree.SOLUTIONS, warm) as run:
        run.all()
        assert run.api is not None
        replay.keep(lesson, run.api)
    assert replay.environment(lesson) == {}
