"""What lesson 8 shows of published code happens on the locked versions."""

from __future__ import annotations

from house.serving import Start
from workbook.notebook import alice, mallory
from workbook.notebook.cast import Caller
from workbook.talking.client import Client


def token(client: Client, person: Caller) -> str:
    """Return somebody's token; a wrong password gets none."""
    wrong = client.send("POST", "/login", json=person.credentials | {"password": "a-wrong-guess"})
    assert wrong.status == 401
    text = client.send("POST", "/login", json=person.credentials).json["access_token"]
    assert isinstance(text, str)
    return text


def test_any_token_changes_anybody(start: Start) -> None:
    _, client = start("any_token_changes_anybody")
    body = {"email": "mallory@example.net"}
    assert client.send("PUT", "/users/1", json=body).status == 401
    assert client.send("PUT", "/users/1", json=body, token="any-string").status == 401
    good = token(client, mallory)
    seen = client.send("PUT", "/users/1", json=body, token=good)
    assert seen.status == 200
    assert seen.json == {"id": 1, "username": alice.username} | body
    assert client.send("PUT", "/users/9", json=body, token=good).status == 404  # and counts users


def test_a_field_too_many_makes_an_admin(start: Start) -> None:
    _, client = start("every_field_of_the_body")
    good = token(client, mallory)
    assert client.send("GET", "/admin", token="any-string").status == 401
    assert client.send("GET", "/admin", token=good).status == 403
    body = {"email": "mallory@example.net", "is_admin": True}
    seen = client.send("PUT", "/users/me", json=body, token=good)
    assert seen.json == {"username": "mallory", "email": "mallory@example.net"}
    assert client.send("GET", "/admin", token=good).json == {"users": ["mallory"]}


def test_a_number_by_length_comes_twice(start: Start) -> None:
    _, client = start("id_by_length")
    seen = client.send("POST", "/posts", json={"id": 0, "title": "Soup"})
    assert (seen.status, seen.json) == (201, {"id": 4, "title": "Soup"})
    assert client.send("DELETE", "/posts/1").status == 204
    again = client.send("POST", "/posts", json={"id": 0, "title": "Cake"})
    assert again.json == {"id": 4, "title": "Cake"}
    assert client.send("GET", "/posts/4").json == {"id": 4, "title": "Soup"}  # Cake is out of reach
