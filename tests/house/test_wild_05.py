"""What lesson 5 shows of published code happens on the locked versions."""

from __future__ import annotations

import time

import jwt

from house.serving import KEY, Start
from workbook import tree
from workbook.talking.client import Client

ALICE = {"username": "alice", "password": "violin-in-winter"}


def test_one_fixed_string_lets_everybody_in_and_knows_nobody(start: Start) -> None:
    server, client = start("fixed_token")
    code = (tree.NOTEBOOKS / "wild/fixed_token/app.py").read_text("utf-8")
    word = "summer-school"
    assert f'"{word}"' in code  # whoever reads the code can call

    refused = [client.send("GET", "/protected", token=wrong) for wrong in ("any-string", "")]
    refused.append(client.send("GET", "/protected"))
    for seen in refused:
        assert seen.status == 401
        assert (seen.answer.header("WWW-Authenticate") or "").startswith("Bearer")

    alice = client.send("GET", "/protected", token=word, caller="alice")
    mallory = client.send("GET", "/protected", token=word, caller="mallory")
    assert (alice.status, mallory.status) == (200, 200)
    assert alice.answer.body == mallory.answer.body  # it cannot tell them apart

    server.restart()
    other = Client(server.address)
    assert other.send("GET", "/protected", token=word).status == 200  # and it never ends
    other.close()


def test_an_expiry_compared_with_a_datetime_crashes_at_every_good_token(start: Start) -> None:
    server, client = start("expiry_against_a_datetime")
    wrong = client.send("POST", "/login", json=ALICE | {"password": "wrong"})
    assert wrong.status == 401
    good = client.send("POST", "/login", json=ALICE).json["access_token"]
    assert type(jwt.decode(good, KEY, algorithms=["HS256"])["exp"]) is int

    ended = jwt.encode({"sub": "alice", "exp": int(time.time()) - 60}, KEY, algorithm="HS256")
    forged = jwt.encode(
        {"sub": "alice", "exp": int(time.time()) + 60}, "another" + KEY, algorithm="HS256"
    )
    for bad in ("any-string", forged, ended):
        seen = client.send("GET", "/protected", token=bad)
        assert (seen.status, seen.json) == (401, {"detail": "Invalid token"})

    assert client.send("GET", "/protected", token=good).status == 500
    told = server.next_event(5.0)
    assert (told["event"], told["kind"]) == ("error", "TypeError")
    assert told["message"] == "'<' not supported between instances of 'int' and 'datetime.datetime'"
