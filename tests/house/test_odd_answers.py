"""Whatever stands in an answer, a check can judge it: none of them ends in a fault of ours.

Each answer's JSON is changed here and there, by a fixed seed, into what no contract speaks of.
"""

import pytest

from house.effort import WHOLE
from workbook import tree
from workbook.authoring.corpus import written
from workbook.grading.report import grade
from workbook.running.server import Launcher

SEEDS = 4 if WHOLE else 1
ODD = """

import json as _json
import random as _random

_draw, _inner = _random.Random({seed}), app
_ODD = [[], {{}}, None, 10**400, float("nan"), True, [{{}}], {{"a": []}}, [None], "", "x", 0, -1]


def _odd(value):
    if _draw.random() < {rate}:
        return _draw.choice(_ODD)
    if isinstance(value, dict):
        return {{name: _odd(inner) for name, inner in value.items()}}
    return [_odd(one) for one in value] if isinstance(value, list) else value


async def app(scope, receive, send):
    if scope["type"] != "http":
        return await _inner(scope, receive, send)
    told, body = [], bytearray()

    async def held(message):
        if message["type"] == "http.response.start":
            told.append(message)
        body.extend(message.get("body", b""))

    await _inner(scope, receive, held)
    try:
        changed = _json.dumps(_odd(_json.loads(bytes(body)))).encode()
    except ValueError:
        changed = bytes(body)
    headers = [one for one in told[0]["headers"] if one[0] != b"content-length"]
    await send(told[0] | {{"headers": [*headers, (b"content-length", b"%d" % len(changed))]}})
    await send({{"type": "http.response.body", "body": changed}})
"""
LESSONS = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("lesson", LESSONS)
def test_no_answer_is_a_fault_of_ours(lesson: tree.Lesson, seed: int, warm: Launcher) -> None:
    # With few odd answers the checks come far, with many each of them meets some.
    rate = (0.01, 0.03)[seed % 2]
    with written(lesson, None) as folder:
        with (folder / lesson.package / "app.py").open("a", encoding="utf-8") as file:
            file.write(ODD.format(seed=seed, rate=rate))
        report = grade(lesson, folder, warm, slow=False)
    faults = {one.check.id: one.note for one in report.outcomes if one.word == "fault of ours"}
    assert faults == {}
    if seed % 2:
        assert report.points < report.max_points
