"""From lesson 6 on no answer takes a time that is no number for one (RFC 7519 §4.1, NumericDate).

The checks ask less: `nbf` is in no token that the service issues.
"""

from __future__ import annotations

import time

import pytest
from serving import Serve

from workbook import tree
from workbook.talking import forge

LESSONS = [pytest.param(one, id=f"lesson {one.number}") for one in tree.lessons()[5:]]
ODD = ("9999999999", "1", "soon", True, False, None, [], {}, [1])


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_time_is_a_number(lesson: tree.Lesson, serve: Serve) -> None:
    api = serve(lesson)
    token = api.alice.token

    def status(claim: str, value: object) -> int:
        changed = forge.forge(token, api.secret_key, {claim: value})
        return api.get("/profile", token=changed).status

    assert status("nbf", int(time.time()) - 60) == 200
    for claim in ("exp", "iat", "nbf"):
        assert [status(claim, value) for value in ODD] == [401] * len(ODD)
