"""Lesson 7 keeps what the lessons before have built, while everything below it is exchanged."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import kept
from workbook.grading import Api, Exchange, check, expect, forge

USER = ("id", "username", "email", "full_name")
COLUMNS = (*USER, "password_hash", "disabled")
ROUTES = (
    ("GET", "/users/me"), ("DELETE", "/users/me"), ("GET", "/protected"), ("POST", "/introspect"),
)  # fmt: skip
ROSA = {
    "id": "0d7a3f61b2c84e95a1f0c6d8e4b7925a",
    "username": "rosa",
    "email": "rosa@example.com",
    "full_name": "Rosa Regen",
    "password_hash": "$2b$04$WuSSEYZwCR8bWnWdWRmmduuBFYMf/tPnLJdd0UyTV7vN.8WLStuWW",
    "disabled": False,
}
RUTH = ROSA | {
    "id": "9c41e8d07b5f4a32b6d1f3a8c2e75064",
    "username": "ruth",
    "email": "ruth@example.com",
    "disabled": True,
}
OLD = {"users.json": json.dumps({"rosa": ROSA, "ruth": RUTH})}
"""The accounts that an app of lesson 6 left behind."""
LONG = 400
"""Tokens longer than this are cut in messages."""


@check(
    "Accounts can be opened at /register and used at /login and /token",
    task=None,
    points=0,
    why="who has no token yet must be able to get one, wherever accounts are kept",
)
def test_accounts_work(api: Api) -> None:
    kept.accounts_work(api)


@check(
    "Accounts stand in the table users, the admin's among them",
    task=None,
    points=0,
    catches="PW-01",
    why="other programs, and the next lessons, find accounts by these names of table and columns",
    file="models.py and startup.py",
    after=(test_accounts_work,),
)
def test_accounts_stand_in_the_table(api: Api) -> None:
    alice = api.alice
    question = f"SELECT {', '.join(COLUMNS)} FROM users WHERE username = ?"  # noqa: S608
    row = next(iter(api.stored.rows(question, alice.username)), {})
    seen = api.get("/profile", token=alice.token)
    wanted = {"id": alice.id, "email": alice.email, "full_name": alice.full_name}
    if {name: row.get(name) for name in wanted} != wanted:
        expect(seen).fail("Alice's row in the table users", "none, or one with other values")
    if row["disabled"] or not row["password_hash"] or alice.password in str(row["password_hash"]):
        expect(seen).fail("a row with her password's hash, not disabled", "another one")
    olga = api.post("/login", json=api.olga.credentials)
    if olga.status != 200:
        # Her password is drawn anew for each server, and a report is the same each time.
        olga = replace(olga, request=replace(olga.request, body=b"(olga and ADMIN_PASSWORD)"))
        expect(olga).fail("a token for olga, whose password is in ADMIN_PASSWORD")


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-22",
    why="a new store behind a door must not loosen its hinges",
    after=(test_accounts_work,),
)
def test_bad_logins_are_refused(api: Api) -> None:
    kept.bad_logins_are_refused(api)


@check(
    "The owner of a good token gets the answers of lesson 6",
    task=None,
    points=0,
    catches="CU-14",
    why="moving house must change nothing for those who knock",
    after=(test_accounts_work,),
)
def test_answers_stay(api: Api) -> None:
    alice, bob = api.alice, api.bob
    seen = api.get("/profile", token=alice.token)
    expect(seen).status(200).only("message", *USER).fields(username=alice.username, id=alice.id)
    message = expect(seen).text_field("message")
    if "welcome" not in message.lower() or alice.username not in message:
        expect(seen).fail(f'the message "Welcome {alice.username}"', f'"{message[:80]}"')
    expect(api.get("/protected", token=alice.token)).status(200)
    seen = api.post("/introspect", token=alice.token, form={"token": bob.token})
    expect(seen).status(200).fields(active=True, sub=bob.id)


@check(
    "A request without a token is refused at every route",
    task=None,
    points=0,
    catches="CU-08 CU-09 TR-01 TR-02 TR-04 TR-08",
    why="who has not shown a token is nobody yet, and nobody may close an account",
    see="RFC 6750 §3",
    after=(test_accounts_work,),
)
def test_no_token_is_refused(api: Api) -> None:
    kept.nobody_comes_in_without_a_token(api, ("GET", "/profile"), *ROUTES)


@check(
    "What lesson 6 refuses is refused, at every route",
    task=None,
    points=0,
    catches="VF-01 VF-09 VF-10 VF-13 VF-15 VF-34 VF-36 CU-10",
    why="a new library has other defaults: what the old one refused must be asked for anew",
    file="tokens.py",
    see="RFC 8725 §3",
    after=(test_accounts_work,),
)
def test_bad_tokens_are_refused(api: Api) -> None:
    kept.bad_tokens_are_refused(api, *ROUTES, of_tomorrow=False)
    bad = forge.forge(api.bob.token, kept.OTHER_KEY)
    seen = api.post("/introspect", token=api.alice.token, form={"token": bad})
    expect(seen).status(200).fields(active=False).only("active")


@check(
    "A crafted token crashes nothing",
    task=None,
    points=0,
    catches="VF-13 VF-30 VF-34",
    why="with the work-around gone, a header of brackets must not become a 500 again",
    file="tokens.py",
    see="CWE-755",
    after=(test_bad_tokens_are_refused,),
)
def test_crafted_token_crashes_nothing(api: Api) -> None:
    good, key = api.alice.token, api.secret_key
    nested, claims = b"[" * 12_000, forge.claims_of(good)
    endless = json.dumps(claims | {"exp": "?"}).replace('"?"', "1e400").encode()
    crafted = {
        "a header nested 12,000 levels deep": forge.signed(nested, claims, key),
        "a payload nested 12,000 levels deep": forge.signed(forge.header_of(good), nested, key),
        "a payload that is a list": forge.signed(forge.header_of(good), b"[]", key),
        "an alg that is a list": forge.forge(good, key, None, {"alg": ["HS256"]}),
        "an exp of 1e400": forge.signed(forge.header_of(good), endless, key),
        "an iat that is a text": forge.forge(good, key, {"iat": "1"}),
    }
    for what, token in crafted.items():
        seen = api.get("/profile", token=token)
        if len(token) > LONG:
            seen = with_header(seen, f"Bearer {token[:40]}…")
        if seen.status != 401:
            expect(seen).fail(f"401 for a token with {what}")


def with_header(seen: Exchange, shown: str) -> Exchange:
    """Return the exchange as it is to be shown, with another `Authorization`."""
    return replace(seen, request=replace(seen.request, headers=(("Authorization", shown),)))


@check(
    "Accounts in users.json, and tokens issued before the move, go on",
    task=None,
    points=0,
    catches="MT-06 KM-01",
    why="a move that logs everybody out, or mixes up whose token is whose, is no move",
    file="startup.py and tokens.py",
    after=(test_accounts_work,),
    beside={"ADMIN_PASSWORD": ""},
    files=OLD,
)
def test_old_accounts_go_on(api: Api) -> None:
    with api.another(OLD, ADMIN_PASSWORD="") as moved:
        now = int(time.time())
        times = {"iat": now - 60, "exp": now + 840}
        # As lesson 6 issued it with python-jose: these three claims, and no other.
        header = {"typ": "JWT", "alg": "HS256"}
        old = forge.signed(header, {"sub": ROSA["id"]} | times, moved.secret_key)
        seen = moved.get("/profile", token=old)
        if seen.status != 200:
            expect(seen).fail("200 for the token that lesson 6 gave to rosa of users.json")
        expect(seen).fields(**{name: ROSA[name] for name in USER})
        rows = moved.stored.rows(f"SELECT {', '.join(COLUMNS)} FROM users")  # noqa: S608
        found = sorted((one | {"disabled": bool(one["disabled"])} for one in rows), key=str)
        if any(row not in (ROSA, RUTH) for row in found):
            got = f"a row for {next(r for r in found if r not in (ROSA, RUTH))['username']}"
            expect(seen).fail("rosa and ruth as they are in users.json, and no admin", got)
        if len(found) != 2:
            expect(seen).fail("one row for each of rosa and ruth", f"{len(found)} rows")
        guess = {"username": "olga", "password": "admin"}
        expect(moved.post("/login", json=guess)).refused()
        moved.stored.remove(ROSA["username"])
        moved.restart()
        seen = moved.get("/profile", token=old)
        if seen.status == 200:
            got = "200: users.json brought it back"
            expect(seen).fail("401: the account was deleted before the server started anew", got)
        expect(seen).refused("invalid_token")
