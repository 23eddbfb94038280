"""What lesson 4 shows of the wild holds on the versions that are installed."""

from __future__ import annotations

import runpy

import pytest

from house.serving import Start
from workbook import tree
from workbook.notebook import alice


def test_the_right_password_alone_crashes_the_login(start: Start) -> None:
    """Who tries wrong passwords alone sees a sound refusal, and a crash tells that one is right."""
    _, client = start("login_without_role")
    for wrong in ({"password": "a-guess"}, {"username": "zed"}):
        seen = client.send("POST", "/login", json=alice.credentials | wrong)
        assert (seen.status, seen.json) == (401, {"detail": "Invalid credentials"})
    assert client.send("POST", "/login", json=alice.credentials).status == 500


def test_the_crash_is_the_missing_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook shows the same words."""
    monkeypatch.setenv("SECRET_KEY", "a-key-for-this-test-of-32-letters")
    app = runpy.run_path(str(tree.NOTEBOOKS / "wild/login_without_role/app.py"))
    with pytest.raises(TypeError, match=r"create_token\(\) missing 1 .* argument: 'role'"):
        app["login"](app["Login"](**alice.credentials))
