"""What checks of several lessons ask in the same way, above all what each of them keeps."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from workbook.grading import Api, Exchange, Person, check, expect, forge, request
from workbook.grading.verdicts import NotReached

OTHER_KEY = "mallory-has-a-key-of-her-own-and-it-is-long"
Route = tuple[str, str]
"""A method and a path."""


def accounts_work(api: Api, *fields: str) -> None:
    """Alice and Bob open accounts and log in, one at each door; the pages are open.

    From here on they are `api.alice` and `api.bob`, with a token each. `fields` are all that a
    `User` holds in this lesson; without them, more may stand in the answer.
    """
    alice, bob = api.new_person("alice"), api.new_person("bob")
    for person, door in ((alice, {"json": alice.credentials}), (bob, {"form": bob.credentials})):
        seen = api.post("/register", json=person.registration)
        person.id = expect(seen).status(201).text_field("id")
        expect(seen).fields(username=person.username, email=person.email)
        if fields:
            expect(seen).only(*fields)
        seen = api.post("/login" if "json" in door else "/token", **door)
        expect(seen).status(200).fields(token_type="bearer")
        expect(seen).header("Cache-Control", "no-store")
        person._token = expect(seen).text_field("access_token")
    expect(api.get("/docs")).status(200)
    schema = api.get("/openapi.json")
    expect(schema).status(200)
    if '"tokenUrl"' not in schema.text:
        expect(schema).fail("an oauth2 scheme with its tokenUrl", "none in /openapi.json")


def bad_logins_are_refused(api: Api) -> None:
    """A wrong password and an unknown name get one refusal; bad registrations are refused."""
    alice, stranger = api.alice, api.new_person("stranger")
    wrong = api.post("/login", json={"username": alice.username, "password": "not-hers-at-all"})
    expect(wrong).refused()
    unknown = api.post("/login", json=stranger.credentials)
    expect(unknown).refused()
    if unknown.text != wrong.text:
        expect(unknown).fail("the body that a wrong password gets", unknown.text[:80])
    seen = api.post("/token", form={"username": alice.username, "password": "not-hers-at-all"})
    expect(seen).status(400, 401)
    twice = [*alice.credentials.items(), ("password", "another-password")]
    seen = api.post("/token", form=twice)
    if not 400 <= seen.status < 500:
        expect(seen).fail("a 4xx for a form that names a field twice")
    weak = api.post("/register", json=stranger.registration | {"password": "k1te-!"})
    expect(weak).status(422).hides("k1te-!")
    _hash_is_no_password(alice)


def _hash_is_no_password(person: Person) -> None:
    """Whoever read the table cannot log in with what stands there."""
    question, rows = "SELECT password_hash FROM users WHERE username = ?", []
    with suppress(NotReached):  # the check of the table tells
        rows = person.api.stored.rows(question, person.username)
    for row in rows:
        sent = {"username": person.username, "password": str(row["password_hash"])}
        seen = person.api.post("/login", json=sent)
        # It is another one in each run, and a report is the same each time.
        seen = replace(seen, request=replace(seen.request, body=b"(Alice and her password_hash)"))
        if seen.status not in (401, 422):
            expect(seen).fail("401: the stored hash is no password")


def nobody_comes_in_without_a_token(api: Api, *routes: Route) -> None:
    """Each route refuses who sends no token, or a good one in the wrong place."""
    for seen in api.ask(*(request(method, path) for method, path in routes)):
        expect(seen).refused("")
    good = api.alice.token
    odd = ({"Authorization": text} for text in ("Bearer", "", f"Basic {good}", good))
    for seen in api.ask(*(request("GET", "/profile", headers=one) for one in odd)):
        expect(seen).refused()
    expect(api.get("/profile", params={"access_token": good, "token": good})).refused()


def resigned(person: Person, **claims: Any) -> str:
    """Return their token with claims changed, signed with the server's own key."""
    return forge.forge(person.token, person.api.secret_key, claims)


def bad_tokens(api: Api) -> dict[str, str]:
    """Return tokens that every lesson refuses, by what is wrong with each."""
    alice, bob, key, now = api.alice, api.bob, api.secret_key, int(time.time())
    bad = {
        "a text that is no token": "any-string",
        "Bob's token with Alice's id in it": forge.payload_swapped(bob.token, sub=alice.id),
        "a token signed with another key": forge.forge(alice.token, OTHER_KEY),
        "an unsigned token (alg none)": forge.unsigned(alice.token),
        "a token signed by HS512": forge.forge(alice.token, key, None, {"alg": "HS512"}),
        "a token that ended": resigned(alice, iat=now - 900, exp=now - 5),
        "a token without exp": resigned(alice, exp=forge.LEFT_OUT),
        "a token whose exp is a text": resigned(alice, exp="9999999999"),
        "a token without sub": resigned(alice, sub=forge.LEFT_OUT),
        "a token whose sub is a list": resigned(alice, sub=[alice.id]),
        "a token whose sub nobody has": resigned(alice, sub="nobody-has-this-id"),
        "a token whose sub is a user name": resigned(alice, sub=alice.username),
        "a token whose sub holds a NUL": resigned(alice, sub=f"{alice.id}\0"),
        "a token whose sub is half a character": resigned(alice, sub="\ud800"),
        "a token without iat": resigned(alice, iat=forge.LEFT_OUT),
        "a token whose nbf is an hour ahead": resigned(alice, nbf=now + 3600),
        "a token whose sub is %": resigned(alice, sub="%"),
    }
    if alice.id.upper() != alice.id:
        bad["a token whose sub is an id in capitals"] = resigned(alice, sub=alice.id.upper())
    return bad


def bad_tokens_are_refused(api: Api, *routes: Route) -> None:
    """Alice's token opens `/profile`, and no bad one does; other routes refuse a forged one."""
    expect(api.get("/profile", token=api.alice.token)).status(200).fields(id=api.alice.id)
    bad = bad_tokens(api)
    asked = [request("GET", "/profile", token=token) for token in bad.values()]
    for what, seen in zip(bad, api.ask(*asked), strict=True):
        _refused(seen, what)
    forged = forge.forge(api.alice.token, OTHER_KEY)
    for seen in api.ask(*(request(method, path, token=forged) for method, path in routes)):
        _refused(seen, "a token signed with another key")


def only_the_token_counts(api: Api, *paths: str) -> None:
    """Bob's names in headers, a cookie and the address change nothing for Alice, or for nobody."""
    alice, bob = api.alice, api.bob
    names = {"username": bob.username, "user_id": bob.id, "id": bob.id, "sub": bob.id}
    headers = {
        "X-User": bob.username, "X-User-Id": bob.id, "X-Forwarded-User": bob.username,
        "X-Act-As": bob.id, "Cookie": f"user={bob.id}; username={bob.username}",
    }  # fmt: skip
    more: dict[str, Any] = {"params": names, "headers": headers}
    asked = [request("GET", path, token=alice.token, **more) for path in paths]
    nobody, *own = api.ask(request("GET", paths[0], **more), *asked)
    expect(nobody).refused()
    for seen in own:
        expect(seen).status(200).fields(username=alice.username, id=alice.id)


def _refused(seen: Exchange, what: str) -> None:
    if seen.status != 401:
        expect(seen).fail(f"401 for {what}")
    expect(seen).refused("invalid_token")


def headers_of(seen: Exchange) -> dict[str, list[str]]:
    """Return an answer's headers by name, without its date and length."""
    found: dict[str, list[str]] = {}
    for name, value in seen.answer.headers:
        found.setdefault(name.lower(), []).append(value)
    return {name: found[name] for name in found.keys() - {"date", "content-length"}}


nothing_printed = partial(
    check,
    "The log holds no password and no hash",
    task=None,
    points=0,
    catches="IL-09",
    why="many people and programs read logs, and logs are kept for years",
    see="CWE-532",
)
"""Declares the check that stands last in a lesson's file."""


def nothing_secret_is_printed(api: Api) -> None:
    """After all that was asked, and one more login, the log holds no password and no hash."""
    seen = api.post("/login", json=api.alice.credentials)
    # A check has sent a hash in a name that asks for a UNION: names may be printed.
    lines = api.server.log.splitlines()
    printed = "\n".join(line for line in lines if " UNION " not in line)
    if any(mark in printed for mark in ("$2a$", "$2b$", "$2y$", "$argon2")):
        expect(seen).fail("no password and no hash in what the server prints", "a hash in it")
    if any(person.password in printed for person in api.people.values()):
        expect(seen).fail("no password and no hash in what the server prints", "a password in it")
