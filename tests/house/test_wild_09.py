"""What lesson 9 shows of published code happens today, and its grid forgets no route."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from house.serving import KEY, Start
from workbook import tree
from workbook.authoring import corpus
from workbook.grading.stored import Stored
from workbook.notebook import Token, alice, mallory, olga, routes, stage
from workbook.running.server import DoesNotStart, Launcher, Server, job_for
from workbook.talking.client import Client

SCRIPT = tree.NOTEBOOKS / "09_roles.py"
ROUNDS = 400
"""How often the race is run at most; one in ten is lost even on a slow machine."""


def test_a_role_in_the_token_outlives_the_role(start: Start) -> None:
    _, client = start("role_in_the_token")
    tokens = {}
    for one in (olga, mallory):
        seen = client.send("POST", "/login", json=one.credentials)
        tokens[one.username] = str(seen.json["access_token"])
    old = tokens["mallory"]
    path, user = "/users/mallory/role", {"role": "user"}
    assert client.send("PUT", path, token=tokens["olga"], json=user).json["role"] == "user"

    assert client.send("GET", "/admin", token=old).status == 200  # demoted, and still in
    fresh = client.send("POST", "/login", json=mallory.credentials).json["access_token"]
    assert client.send("GET", "/admin", token=fresh).status == 403
    assert client.send("PUT", path, token=old, json={"role": "admin"}).status == 200
    fresh = client.send("POST", "/login", json=mallory.credentials).json["access_token"]
    assert client.send("GET", "/admin", token=fresh).status == 200  # an admin again, by herself
    forged = str(Token(fresh).signed_with("another" + KEY))
    assert client.send("GET", "/admin", token=forged).status == 401


def test_a_class_that_does_not_exist_ends_the_start(start: Start) -> None:
    with pytest.raises(DoesNotStart, match="cannot import name 'HTTPBearerCredentials'"):
        start("missing_class")


def test_an_async_factory_hands_over_a_coroutine(start: Start) -> None:
    with pytest.raises(DoesNotStart, match="must have a callable dependency"):
        start("async_factory")


def test_the_async_factory_works_without_its_async(warm: Launcher, tmp_path: Path) -> None:
    """The word is all that is wrong with it."""
    text = (tree.NOTEBOOKS / "wild/async_factory/app.py").read_text("utf-8")
    (tmp_path / "mended").mkdir()
    (tmp_path / "mended/__init__.py").touch()
    (tmp_path / "mended/app.py").write_text(text.replace("async def", "def"), "utf-8")
    home = tmp_path / "home"
    home.mkdir()
    server = Server(warm, job_for(tmp_path, "mended", home, {}), home=home)
    server.start()
    client = Client(server.address)
    statuses = [
        client.send("POST", "/users?username=bob", token=token).status
        for token in ("olgas-token", "alices-token", None)
    ]
    client.close()
    server.close()
    assert statuses == [200, 403, 401]


def test_a_password_comes_back(start: Start) -> None:
    _, client = start("password_echoed")
    seen = client.send("POST", "/users", token="olgas-token", json=alice.credentials)
    assert (seen.status, seen.json["password"]) == (201, alice.password)
    seen = client.send("POST", "/users", token="alices-token", json=alice.credentials)
    assert seen.status == 403


def test_counting_first_loses_the_race(start: Start) -> None:
    server, client = start("count_then_delete")
    stored = Stored(Path(server.job.environment["DATA_DIR"]))
    again = "INSERT OR IGNORE INTO admins VALUES ('olga'), ('bob')"
    assert client.send("DELETE", "/admins/bob", token="olgas-token").status == 204
    assert client.send("DELETE", "/admins/olga", token="olgas-token").status == 409  # one by one
    calls = (("/admins/bob", "olgas-token"), ("/admins/olga", "bobs-token"))
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            stored.change(again)
            sent = [pool.submit(client.send, "DELETE", path, token=one) for path, one in calls]
            statuses = [one.result().status for one in sent]
            assert set(statuses) <= {204, 403, 409}
            if not stored.rows("SELECT name FROM admins"):
                return
    pytest.fail(f"one admin stayed in {ROUNDS} rounds")


FORGOTTEN = '''

@app.get("/reports/{user_id}")
def report(user_id: str) -> str:
    """Tell an admin about a user."""
    return user_id
'''


def who_may() -> Any:
    """Return the function of the notebook that draws the grid."""
    found = [one for one in ast.parse(SCRIPT.read_text("utf-8")).body
             if isinstance(one, ast.FunctionDef) and one.name == "who_may"]  # fmt: skip
    names: dict[str, Any] = {}
    exec("from workbook.notebook import *", names)  # noqa: S102
    exec(compile(ast.Module(list(found), []), SCRIPT, "exec"), names)  # noqa: S102
    return names["who_may"]


def drawn(folder: Path, lesson: tree.Lesson) -> dict[str, list[str]]:
    """Return the grid of a lesson's folder: route by route, what each of the three callers gets."""
    live = stage._serve(folder, lesson.package, "planted", {"ADMIN_PASSWORD": olga.password})
    assert live.problem is None
    alice.sign_up()
    alice.sign_in()
    olga.sign_in()
    lines = repr(who_may()()).splitlines()[2:]
    rows = [line.split("  ") for line in lines]
    return {row[0]: [cell.strip() for cell in row[1:] if cell.strip()] for row in rows}


def test_a_forgotten_route_shows_in_the_grid() -> None:
    """The grid lists what the app has, so nobody has to remember the route that was forgotten."""
    lesson = tree.lesson(9)
    with corpus.written(lesson) as folder:
        sound = drawn(folder, lesson)
        assert {f"{method} {path}" for method, path in routes()} == set(sound)
        refused, forbidden = "✗ 401 refused", "✗ 403 refused: not allowed"
        for route in ("GET /admin", "GET /users", "POST /users", "PUT /users/{user_id}/roles"):
            assert sound[route] == [refused, forbidden, "✓ yes"], route
        open_doors = {route for route, cells in sound.items() if cells[0] == "✓ yes"}
        assert open_doors == {"POST /register", "POST /login", "POST /token"}

        with (folder / lesson.package / "app.py").open("a", encoding="utf-8") as file:
            file.write(FORGOTTEN)
        planted = drawn(folder, lesson)
    assert planted.pop("GET /reports/{user_id}") == ["✓ yes"] * 3
    assert planted == sound
