"""What lesson 11 shows of published code happens on the locked versions."""

from __future__ import annotations

import time
from contextlib import closing

import jwt
import pytest

from house.serving import KEY, Start
from workbook.notebook import alice
from workbook.talking import forge
from workbook.talking.client import Client


def logged_in(client: Client) -> str:
    """Return Alice's token; a wrong password gets none, and the token opens her profile."""
    wrong = client.send("POST", "/login", json=alice.credentials | {"password": "a-wrong-guess"})
    assert wrong.status == 401
    token = str(client.send("POST", "/login", json=alice.credentials).json["access_token"])
    assert profile(client, token) == 200
    assert profile(client, forge.forge(token, "another" + KEY)) == 401
    return token


def profile(client: Client, token: str) -> int:
    return client.send("GET", "/profile", token=token).status


def test_a_blacklist_called_whitelist_forgets_misses_and_grows(start: Start) -> None:
    server, client = start("blacklist_called_whitelist")
    token = logged_in(client)
    assert client.send("POST", "/logout", token=token).json == {"tokens on the whitelist": 1}
    assert profile(client, token) == 401
    assert profile(client, f"{token}=") == 200  # another text, and PyJWT takes it

    # It grows by any text and keeps what has ended.
    ended = forge.forge(token, KEY, {"exp": int(time.time()) - 60})
    for count, text in enumerate(("any-string", ended, ended), 2):
        seen = client.send("POST", "/logout", token=text)
        assert (seen.status, seen.json) == (200, {"tokens on the whitelist": count})

    # A token without an end passes; PyJWT misses `exp` only when it is told to.
    endless = forge.forge(token, KEY, {"exp": forge.LEFT_OUT})
    assert profile(client, endless) == 200
    with pytest.raises(jwt.MissingRequiredClaimError):
        jwt.decode(endless, KEY, algorithms=["HS256"], options={"require": ["exp"]})

    client.close()
    server.restart()
    with closing(Client(server.address)) as anew:
        assert profile(anew, token) == 200


def test_goodbye_ends_nothing(start: Start) -> None:
    _, client = start("goodbye")
    token = logged_in(client)
    seen = client.send("POST", "/logout", token=token)
    assert (seen.status, "logged out" in seen.text) == (200, True)
    assert profile(client, token) == 200
