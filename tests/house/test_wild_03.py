"""What lesson 3 shows of published code happens on the locked versions."""

from __future__ import annotations

import re
import time
from string import ascii_lowercase, ascii_uppercase, digits

import jwt
import pytest
from jose import JWTError
from jose import jwt as jose
from jwt.exceptions import InvalidSubjectError

from house.serving import KEY, Start
from workbook import tree
from workbook.notebook import Token, alice, mallory
from workbook.notebook.cast import Caller
from workbook.talking.client import Client

LETTERS = ascii_uppercase + ascii_lowercase + digits + "-_"  # of base64url


def token(client: Client, caller: Caller) -> Token:
    """Log in and return the token; a wrong password gets none."""
    wrong = client.send("POST", "/login", json=caller.credentials | {"password": "a-wrong-guess"})
    assert wrong.status == 401
    return Token(client.send("POST", "/login", json=caller.credentials).json["access_token"])


def test_a_number_as_subject_is_refused_with_every_token(start: Start) -> None:
    _, client = start("integer_subject")
    fresh = token(client, alice)
    assert fresh.payload == {"sub": 7}
    assert fresh.signed_with(KEY).signature == fresh.signature  # nothing else is wrong with it
    seen = client.send("GET", "/users/me", token=str(fresh))
    assert (seen.status, seen.json) == (401, {"detail": "Invalid or expired token"})
    with pytest.raises(InvalidSubjectError, match=r"^Subject must be a string$"):
        jwt.decode(str(fresh), KEY, algorithms=["HS256"])

    repaired = fresh.with_payload(sub="7").signed_with(KEY)
    assert jwt.decode(str(repaired), KEY, algorithms=["HS256"]) == {"sub": "7"}


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no TZ variable")
@pytest.mark.parametrize(
    ("zone", "hours", "status"),
    [
        ("UTC", {0}, 200),
        ("Asia/Tokyo", {-9}, 401),
        ("America/Los_Angeles", {7, 8}, 200),  # in summer and in winter
    ],
)
def test_a_naive_clock_is_wrong_by_the_zone(
    start: Start, zone: str, hours: set[int], status: int
) -> None:
    _, client = start("naive_clock", TZ=zone)
    fresh = token(client, alice)
    off = fresh.payload["exp"] - time.time() - 900
    assert round(off / 3600) in hours
    assert abs(off - 3600 * round(off / 3600)) < 60
    assert client.send("GET", "/users/me", token=str(fresh)).status == status


def test_a_key_in_the_code_signs_for_everybody_who_reads_it(start: Start) -> None:
    _, client = start("key_in_the_code")  # the environment has another key, which nobody asks
    code = (tree.NOTEBOOKS / "wild/key_in_the_code/app.py").read_text("utf-8")
    (leaked,) = re.findall(r'^SECRET_KEY = "(.+?)"', code, flags=re.M)
    own = token(client, mallory)
    assert client.send("GET", "/users/me", token=str(own)).json == {"username": "mallory"}

    edited = own.with_payload(sub="alice")
    for bad in (edited, edited.unsigned(), edited.signed_with(KEY), own.with_changed_byte()):
        assert client.send("GET", "/users/me", token=str(bad)).status == 401
    forged = client.send("GET", "/users/me", token=str(edited.signed_with(leaked)))
    assert (forged.status, forged.json) == (200, {"username": "alice"})


def test_a_changed_byte_fails_and_a_second_spelling_of_the_same_bytes_may_pass() -> None:
    good = Token(jwt.encode({"sub": "7"}, KEY, algorithm="HS256"))
    for part in ("header", "payload", "signature"):
        for decode in (jwt.decode, jose.decode):
            with pytest.raises((jwt.InvalidTokenError, JWTError)):
                decode(str(good.with_changed_byte(part)), KEY, algorithms=["HS256"])

    spare = LETTERS[LETTERS.index(str(good)[-1]) ^ 1]  # 43 letters hold 258 bits, the bytes 256
    other = Token(str(good)[:-1] + spare)
    assert other.signature == good.signature
    assert jose.decode(str(other), KEY, algorithms=["HS256"]) == {"sub": "7"}
    with pytest.raises(jwt.DecodeError):
        jwt.decode(str(other), KEY, algorithms=["HS256"])
