"""What lesson 7 shows of published code happens on the locked versions."""

from __future__ import annotations

import json
import time

import jwt
import pytest
from jose import jwt as jose
from passlib.hash import bcrypt

from house.serving import KEY, Start
from workbook.notebook import Token, alice, mallory
from workbook.talking import forge
from workbook.talking.exchange import request


def test_who_takes_over_an_address_takes_over_its_tokens(start: Start) -> None:
    _, client = start("email_is_the_user")
    tokens = {}
    for person in (alice, mallory):
        wrong = client.send("POST", "/login", json=person.credentials | {"password": "wrong"})
        assert wrong.status == 401
        seen = client.send("POST", "/login", json=person.credentials)
        tokens[person] = seen.json["access_token"]
        assert client.send("GET", "/users/me/", token=tokens[person]).json["email"] == person.email

    seen = client.send("GET", "/users/me/", token=tokens[alice])
    assert bcrypt.verify(alice.password, seen.json["password_hash"])  # the row, whole

    address = {"email": "m@example.com"}
    assert client.send("PUT", "/users/me/", token=tokens[mallory], json=address).status == 200
    # Nobody has the address now: the token of an honest user would be worth nothing.
    assert client.send("GET", "/users/me/", token=tokens[mallory]).status == 500
    moved = client.send("PUT", "/users/me/", token=tokens[alice], json={"email": mallory.email})
    assert moved.status == 200
    seen = client.send("GET", "/users/me/", token=tokens[mallory])
    assert (seen.status, seen.json["username"]) == (200, "alice")


def test_a_model_that_holds_the_password_sends_it(start: Start) -> None:
    _, client = start("model_with_password")
    wrong = client.send("POST", "/token", form=alice.credentials | {"password": "wrong"})
    assert wrong.status == 400
    token = client.send("POST", "/token", form=alice.credentials).json["access_token"]
    forged = str(Token(token).signed_with("another" + KEY))
    assert client.send("GET", "/users/me", token=forged).status == 401

    seen = client.send("GET", "/users/me", token=token)
    assert (seen.status, seen.json["password"]) == (200, alice.password)


def test_who_looks_first_and_then_writes_writes_twice(start: Start) -> None:
    server, client = start("look_then_insert")
    most = 0
    for number in range(50):  # how many look in time hangs on chance
        body = {"username": f"bob{number}", "password": "seven-green-kites"}
        asked = request("POST", "/register", json=body)
        seen = client.at_once([asked] * 8, server.held())
        most = max(most, [one.status for one in seen].count(201))
        if most > 1:
            break
    assert most > 1
    assert client.send("POST", "/register", json=body).status == 409  # one after another it holds


def good_token(header: dict[str, object] | bytes, **claims: object) -> str:
    now = int(time.time())
    return forge.signed(header, {"sub": "7", "iat": now, "exp": now + 900} | claims, KEY)


def test_python_jose_takes_what_pyjwt_refuses() -> None:
    plain: dict[str, object] = {"typ": "JWT", "alg": "HS256"}
    good = good_token(plain)
    assert jose.decode(good, KEY, ["HS256"]) == jwt.decode(good, KEY, ["HS256"])
    # Either library reads what the other has written: nobody has to log in again.
    claims = forge.claims_of(good)
    assert jwt.decode(jose.encode(claims, KEY), KEY, ["HS256"]) == claims
    assert jose.decode(jwt.encode(claims, KEY), KEY, ["HS256"]) == claims

    tomorrow = int(time.time()) + 86_400
    odd = (
        good_token(plain | {"crit": ["once"], "once": True}),
        good_token(plain, iat=tomorrow, exp=tomorrow + 900),
    )
    for token in odd:
        assert jose.decode(token, KEY, ["HS256"])["sub"] == "7"
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(token, KEY, ["HS256"])


def test_a_nested_header_leaves_python_joses_family_of_errors() -> None:
    nested = good_token(b"[" * 12_000)
    with pytest.raises(RecursionError):
        jose.decode(nested, KEY, ["HS256"])
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(nested, KEY, ["HS256"])
    with pytest.raises(RecursionError):  # it is the reader of JSON that gives up
        json.loads("[" * 12_000)
