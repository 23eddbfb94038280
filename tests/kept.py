"""What checks of several lessons ask in the same way, above all what each of them keeps."""

from __future__ import annotations

import json
import math
import re
import time
from base64 import b64encode
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
    pages = api.get("/docs")
    if not 200 <= pages.status < 400:  # it may lead to another address
        expect(pages).status(200)
    schema = api.get("/openapi.json")
    expect(schema).status(200)
    if '"tokenUrl"' not in json.dumps(schema.json):
        expect(schema).fail("an oauth2 scheme with its tokenUrl", "none in /openapi.json")


def bad_logins_are_refused(api: Api) -> None:
    """A wrong password and an unknown name get one refusal; bad registrations are refused."""
    alice, stranger = api.alice, api.new_person("stranger")
    for door in ({"path": "/login", "json": alice.credentials},
                 {"path": "/token", "form": alice.credentials}):  # fmt: skip
        token_is_sound(api.post(**door), alice)
    wrong = api.post("/login", json={"username": alice.username, "password": "not-hers-at-all"})
    expect(wrong).refused()
    unknown = api.post("/login", json=stranger.credentials)
    expect(unknown).refused()
    if unknown.text != wrong.text:
        expect(unknown).fail("the body that a wrong password gets", unknown.text[:80])
    for near in (f" {alice.password}", f"{alice.password} ", alice.password.upper()):
        seen = api.post("/login", json=alice.credentials | {"password": near})
        if seen.status == 200:
            expect(seen).fail("401: blanks and capitals of a password count")
    form = {"username": alice.username, "password": "not-hers-at-all"}
    seen_wrong = api.post("/token", form=form)
    expect(seen_wrong).status(400, 401)
    twice = [*alice.credentials.items(), ("password", "another-password")]
    seen = api.post("/token", form=twice)
    if not 400 <= seen.status < 500:
        expect(seen).fail("a 4xx for a form that names a field twice")
    unknown = api.post("/token", form=stranger.credentials)
    if (unknown.status, unknown.text) != (seen_wrong.status, seen_wrong.text):
        got = f"{unknown.status} {unknown.text[:80]}"
        expect(unknown).fail("the answer that a wrong password gets at /token", got)
    weak = api.post("/register", json=stranger.registration | {"password": "k1te-!"})
    expect(weak).status(422).hides("k1te-!")
    registrations_keep_limits(api)
    _hash_is_no_password(alice)


def registrations_keep_limits(api: Api) -> None:
    """Bad names, addresses and passwords are refused, and no body gives an id or a lock."""
    stranger = api.new_person("newcomer")
    bad: tuple[dict[str, str], ...] = (
        {"username": "al ice"}, {"username": "\u0430lice"},
        {"email": "nowhere"}, {"full_name": "Eve\nroot is in"}, {"full_name": ""},
    )  # fmt: skip
    asked = (request("POST", "/register", json=stranger.registration | wrong) for wrong in bad)
    for seen in api.ask(*asked):
        expect(seen).status(422)
    long = api.new_person("long")
    long.password = "\xfc" * 40
    seen = api.post("/register", json=long.registration)
    if expect(seen).status(201, 422).exchange.status == 201:  # argon2 reads all of it
        guesses = ("\xfc" * 36, "\xfc" * 36 + "another end")
        tries = ({"username": long.username, "password": guess} for guess in guesses)
        for seen in api.ask(*(request("POST", "/login", json=one) for one in tries)):
            if seen.status == 200:
                expect(seen).fail("401: of this password the first 72 bytes alone are right")
    chosen = "id-that-the-body-has-chosen"
    more = {"id": chosen, "disabled": True, "roles": ["admin"]}
    seen = api.post("/register", json=stranger.registration | more)
    if expect(seen).status(201, 422).exchange.status == 201:
        if expect(seen).text_field("id") == chosen:
            expect(seen).fail("an id that the service draws", "the one that the body names")
        seen = api.post("/login", json=stranger.credentials)
        if seen.status != 200:
            expect(seen).fail("200: `disabled` in the body of /register locks nobody out")


def disabled_logs_in_nowhere(api: Api) -> None:
    """Who is disabled gets at both doors what a wrong password gets."""
    locked = api.register("barred")
    guess = locked.credentials | {"password": "not-theirs-at-all"}
    doors = (("/login", "json"), ("/token", "form"))
    wrong = api.ask(*(request("POST", path, **{kind: guess}) for path, kind in doors))
    api.stored.disable(locked.username)
    right = api.ask(*(request("POST", path, **{kind: locked.credentials}) for path, kind in doors))
    for before, seen in zip(wrong, right, strict=True):
        if (seen.status, seen.text) != (before.status, before.text):
            got = f"{seen.status} {seen.text[:60]}"
            wanted = f"what a wrong password gets, {before.status}, for who is disabled"
            expect(seen).fail(wanted, got)


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


HASH = re.compile(
    r"\$2[aby]\$\d\d\$|\$bcrypt-sha256\$v=2,t=2b,r=\d+\$|\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$"
)
"""How a hash of lesson 2 begins."""


def password_is_hashed(seen: Exchange, person: Person) -> None:
    """A password that was changed is stored as a hash of lesson 2, and nowhere else."""
    api, question = person.api, "SELECT password_hash FROM users WHERE id = ?"
    for row in api.stored.rows(question, person.id):
        if not HASH.match(str(row["password_hash"])):
            expect(seen).fail("a hash by bcrypt or argon2id in password_hash", "another text")
    raw = person.password.encode()
    for name, content in api.stored.files().items():
        if raw in content or b64encode(raw)[:-4] in content:
            where = re.sub(r"-(wal|shm|journal)$", "", name)
            expect(seen).fail("the new password stored nowhere, only its hash", f"it in {where}")


def token_is_sound(seen: Exchange, person: Person) -> None:
    """The access token in this answer lives as long as the answer says, and tells no secrets."""
    token = expect(seen).text_field("access_token")
    claims, life = forge.claims_of(token), expect(seen).number_field("expires_in")
    minutes = float(person.api.server.job.environment.get("ACCESS_TOKEN_MINUTES") or 15)
    ends = claims.get("exp")
    left = ends - time.time() if isinstance(ends, int | float) else math.nan
    if not abs(left - minutes * 60) <= 30:
        got = f"in {left / 60:.0f}" if left == left else "never"
        expect(seen).fail(f"an access token that ends in {minutes:g} minutes", got)
    if abs(life - minutes * 60) > 30:
        expect(seen).fail(f"{minutes * 60:g} in expires_in, as in the token", f"{life:g}")
    payload = repr(claims)
    if any(one in payload for one in (person.email, person.password, "$2b$", "$argon2")):
        expect(seen).fail("a payload without address, password and hash", "one of them in it")


def one_note_at_a_time(api: Api) -> None:
    """Of four notes with one title, three of them Alice's, a change and a deletion reach one."""
    alice, bob, text = api.alice, api.bob, {"title": "Same title", "body": "as it was"}
    places: list[str] = []
    for person in (alice, alice, alice, bob):
        seen = api.post("/notes", token=person.token, json=text)
        places.append(f"/notes/{expect(seen).status(201).number_field('id'):.0f}")
    changed, deleted, other, bobs = places
    question, change = "SELECT id, title, body FROM notes", {"title": "Changed", "body": "too"}

    def others(place: str) -> list[str]:
        rows = api.stored.rows(question)
        return sorted(repr(row) for row in rows if str(row["id"]) != place.rpartition("/")[2])

    for method, place, body in (("PUT", changed, change), ("DELETE", deleted, None)):
        before = others(place)
        seen = api.call(method, place, token=alice.token, json=body)
        expect(seen).status(200, 204)
        if others(place) != before:
            what = "changed" if body else "gone"
            expect(seen).fail(f"the one note of that id {what}", "other notes too")
    expect(api.delete(changed, token=alice.token)).status(204)
    for place, person in ((other, alice), (bobs, bob)):
        expect(api.get(place, token=person.token)).status(200).fields(**text)
        expect(api.delete(place, token=person.token)).status(204)


def notes_have_limits(api: Api) -> None:
    """A note that is too long, or holds a NUL, is neither written nor changed into one."""
    good = {"title": "Within limits", "body": "as it was"}
    seen = api.post("/notes", token=api.alice.token, json=good)
    place = f"/notes/{expect(seen).status(201).number_field('id'):.0f}"
    for bad in ({"title": "x" * 101}, {"body": "x" * 10_001}, {"body": "a\0b"}):
        for method, path in (("POST", "/notes"), ("PUT", place)):
            seen = api.call(method, path, token=api.alice.token, json=good | bad)
            if seen.status != 422:
                name = next(iter(bad))
                expect(seen).fail(f"422 for a {name} that is too long or holds a NUL")
    expect(api.delete(place, token=api.alice.token)).status(204)


def give_role(person: Person, role: str) -> None:
    """Store a role that there may not be, as another program would; a database may refuse it."""
    statement = "INSERT INTO user_roles (user_id, role) VALUES (?, ?)"
    with suppress(NotReached):
        person.api.stored.change(statement, person.id, role)


def scopes_and_roles_count(api: Api) -> None:
    """From lesson 10 on: each route wants its scope as a whole word, and the admins' the role."""
    person, deputy, every = api.register("narrow"), api.register("deputy"), "account:write"
    scopes = "notes:read notes:write account:write users:admin"
    # A token of its own: an earlier check may have ended the one from before.
    admin = forge.forge(api.olga.new_token(), api.secret_key, {"scope": scopes})
    place, change = f"/users/{person.id}", {"email": "moved@example.com", "full_name": "Moved"}
    seen = api.post("/notes", token=person.token, json={"title": "Kept", "body": "as it was"})
    note = f"/notes/{expect(seen).status(201).number_field('id'):.0f}"
    words = {"current_password": person.password, "new_password": f"{person.password}-new"}
    calls: tuple[tuple[str, str, Any], ...] = (
        ("PUT", place, change), ("DELETE", "/users/me", None), ("DELETE", note, None),
        ("PUT", note, {"title": "No", "body": "no"}), ("PUT", "/users/me/password", words),
    )  # fmt: skip
    reader = resigned(person, scope="notes:read notes:writer xaccount:write account")
    for method, path, body in calls:
        seen = api.call(method, path, token=reader, json=body)
        if seen.status != 403:
            expect(seen).fail("403 for a token that reads notes alone")
    for scope in (forge.LEFT_OUT, "", "notes:reader", "NOTES:READ"):
        seen = api.get("/notes", token=resigned(person, scope=scope))
        if seen.status not in (401, 403):
            shown = "without a scope" if scope in (forge.LEFT_OUT, "") else f"with {scope} alone"
            expect(seen).fail(f"403 for a token {shown}")
    posing = resigned(person, scope="users:admin account:write")
    for role in ("admin-assistant", "Admin"):
        give_role(person, role)
    for method, path, body, status in (
        ("GET", "/admin", None, 403),
        ("PUT", f"{place}/roles", {"roles": ["admin"]}, 403),
        ("PUT", f"/users/{deputy.id}", change, 404),
    ):
        seen = api.call(method, path, token=posing, json=body)
        if seen.status != status:
            what = "admin-assistant and Admin, whatever the token says"
            expect(seen).fail(f"{status} for a user whose roles are {what}")
    form = {"grant_type": "password", "scope": "notes:read users:admin", **person.credentials}
    seen = api.post("/token", form=form)
    expect(seen).status(200, 400)
    if seen.status == 200 and "users:admin" in str(seen.field("scope")):
        expect(seen).fail("no users:admin for a user who is no admin", seen.field("scope"))
    api.stored.change("DELETE FROM user_roles WHERE user_id = ?", person.id)
    seen = api.put(f"/users/{deputy.id}/roles", token=admin, json={"roles": ["admin"]})
    expect(seen).status(200)
    for scope in ("notes:read", every):
        seen = api.get("/admin", token=resigned(deputy, scope=scope))
        if seen.status != 403:
            expect(seen).fail(f"403 for an admin's token with {scope} alone")
    for scope in ("users:admin", every):
        seen = api.put(place, token=resigned(deputy, scope=scope), json=change)
        if seen.status not in (403, 404):
            expect(seen).fail(f"403 for an admin's token with {scope} alone, where both are due")
    # A deputy who is locked out is no admin that counts; without Olga nobody would be left.
    seen = api.put(f"/users/{deputy.id}/disabled", token=admin, json={"disabled": True})
    expect(seen).status(200)
    boss = expect(api.get("/users/me", token=admin)).status(200).text_field("id")
    seen = api.put(f"/users/{boss}/roles", token=admin, json={"roles": []})
    if seen.status != 409:
        expect(seen).fail("409: the other admin is locked out, so Olga is the last")
    seen = api.put(f"/users/{deputy.id}/roles", token=admin, json={"roles": []})
    expect(seen).status(200)


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
        "a token signed by HS384": forge.forge(alice.token, key, None, {"alg": "HS384"}),
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


def bad_tokens_are_refused(api: Api, *routes: Route, of_tomorrow: bool = True) -> None:
    """Alice's token opens `/profile`, and no bad one does; other routes refuse a forged one."""
    expect(api.get("/profile", token=api.alice.token)).status(200).fields(id=api.alice.id)
    bad, day = bad_tokens(api), int(time.time()) + 86_400
    if of_tomorrow:  # from lesson 7 on, when all of it is done
        bad["a token issued tomorrow"] = resigned(api.alice, iat=day, exp=day + 900)
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
