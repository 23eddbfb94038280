"""What lesson 6 shows of published code happens on the locked versions."""

from __future__ import annotations

import time

import pytest
from jose import JWTError, jwt
from passlib.hash import bcrypt

from house.serving import KEY, Start
from workbook.notebook import Token, alice
from workbook.talking.client import Client


def logged_in(client: Client) -> Token:
    """Return Alice's token; a wrong password gets none."""
    wrong = client.send("POST", "/login", json=alice.credentials | {"password": "a-wrong-guess"})
    assert wrong.status == 401
    return Token(client.send("POST", "/login", json=alice.credentials).json["access_token"])


def bad(good: Token) -> dict[str, str]:
    """Return tokens that must be refused, by what is wrong with them."""
    now = int(time.time())
    return {
        "any string": "any-string",
        "changed": str(good.with_payload(sub="bob")),
        "another key": str(good.signed_with("another" + KEY)),
        "unsigned": str(good.unsigned()),
        "ended": str(good.with_payload(exp=now - 60).signed_with(KEY)),
    }


def test_a_bare_exception_answers_500_where_401_is_promised(start: Start) -> None:
    server, client = start("bare_exception")
    good = logged_in(client)
    welcome = client.send("GET", "/profile", token=str(good))
    assert (welcome.status, welcome.json) == (200, {"message": "Welcome alice"})
    promised = client.send("GET", "/openapi.json").json["paths"]["/profile"]["get"]["responses"]
    assert "401" in promised
    assert "500" not in promised

    for what, token in bad(good).items():
        assert client.send("GET", "/profile", token=token).status == 500, what
        told = server.next_event(5.0)
        assert (told["event"], told["kind"], told["message"]) == (
            "error", "Exception", "Invalid token",
        )  # fmt: skip
    seen = client.send("GET", "/profile")  # without a token the scheme itself refuses
    assert (seen.status, seen.header("WWW-Authenticate")) == (401, "Bearer")


def test_a_refusal_that_is_returned_lets_everybody_in(start: Start) -> None:
    _, client = start("refusal_returned")
    good = logged_in(client)
    secret = {"message": "The key is under the mat"}
    assert client.send("GET", "/users/me", token=str(good)).json == {"username": "alice"}
    assert client.send("GET", "/protected", token=str(good)).json == secret

    for what, token in bad(good).items():
        seen = client.send("GET", "/users/me", token=token)
        said = {"status_code": 401, "detail": "Invalid token", "headers": None}
        assert (seen.status, seen.json) == (200, said), what
        seen = client.send("GET", "/protected", token=token)
        assert (seen.status, seen.json) == (200, secret), what
    for path in ("/users/me", "/protected"):
        assert client.send("GET", path).status == 401


def test_a_user_returned_whole_takes_the_hash_along(start: Start) -> None:
    _, client = start("user_returned_whole")
    good = logged_in(client)
    for what, token in bad(good).items():
        assert client.send("GET", "/users/me", token=token).status == 401, what

    seen = client.send("GET", "/users/me", token=str(good))
    assert seen.status == 200
    assert seen.json.keys() == {"username", "email", "password_hash"}
    assert bcrypt.verify(alice.password, seen.json["password_hash"])
    schema = client.send("GET", "/openapi.json").json["components"]["schemas"]["User"]
    assert "password_hash" in schema["properties"]  # `-> User` is a response model, and lists it


def test_python_jose_does_not_miss_an_end() -> None:
    claims = {"sub": "7", "iat": int(time.time()) - 10 * 365 * 86400}
    endless = jwt.encode(claims, KEY, algorithm="HS256")
    assert jwt.decode(endless, KEY, algorithms=["HS256"]) == claims
    with pytest.raises(JWTError, match=r'missing required key "exp" among claims'):
        jwt.decode(endless, KEY, algorithms=["HS256"], options={"require_exp": True})
    # Where there is an end, the library itself compares it with the clock.
    ended = jwt.encode(claims | {"exp": int(time.time()) - 60}, KEY, algorithm="HS256")
    with pytest.raises(JWTError, match=r"^Signature has expired\.$"):
        jwt.decode(ended, KEY, algorithms=["HS256"])
