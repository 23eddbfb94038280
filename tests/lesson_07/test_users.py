"""Lesson 7: accounts live in a database, which is asked anew at each request."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.talking.exchange import Request, request

USER = ("id", "username", "email", "full_name")
ROUTES = (
    ("GET", "/users/me"), ("GET", "/protected"), ("POST", "/introspect"), ("DELETE", "/users/me"),
)  # fmt: skip
ROUNDS = 2
READERS = 8
LONG = 5000


# -- asking --------------------------------------------------------------------------------------


def kept_out(seen: Exchange, what: str) -> None:
    """The token was refused with the one refusal of lesson 6."""
    if seen.status in (0, 501):
        expect(seen).status(401)
    if seen.status != 401:
        expect(seen).fail(f"401 for {what}")
    expect(seen).refused("invalid_token")


def row_of(api: Api, person: Person) -> dict[str, Any]:
    """Return their row of the table, or nothing."""
    found = api.stored.rows("SELECT * FROM users WHERE id = ?", person.id)
    return found[0] if found else {}


def resigned(
    person: Person, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None
) -> str:
    """Return their token with claims and header fields changed, signed by the server's key."""
    return forge.forge(person.token, person.api.secret_key, claims, header)


def with_rules(person: Person) -> str:
    """Return their token with a header that says: who does not know `once` must refuse."""
    return resigned(person, None, {"crit": ["once"], "once": True})


def of_tomorrow(person: Person) -> str:
    """Return their token as if it were issued tomorrow."""
    tomorrow = int(time.time()) + 86_400
    return resigned(person, {"iat": tomorrow, "exp": tomorrow + 900})


def login(api: Api, username: str, password: str, door: str = "/login") -> Exchange:
    """Ask for a token at one of the two doors."""
    sent = {"username": username, "password": password}
    return api.post(door, json=sent) if door == "/login" else api.post(door, form=sent)


def no_login(seen: Exchange, what: str) -> None:
    """There was no token for this: a 401 or 422, or a 400 at /token."""
    if seen.status not in (401, 422) + (400,) * (seen.request.path == "/token"):
        expect(seen).status(401) if seen.status in (0, 501) else None
        expect(seen).fail(f"401 for {what}")


# -- your turn 1 -----------------------------------------------------------------------------------


@check(
    "A user whom another process disables is refused at the next request",
    task=1,
    points=1,
    catches="CU-02 CU-03 PW-14",
    why="a session that remembers lets Mallory in for as long as the server runs",
    see="OWASP ASVS 5.0 V7.4.2",
    after=("accounts_work", "answers_stay"),
)
def test_disabled_user_is_refused(api: Api) -> None:
    person = api.person("locked")
    token = person.token
    expect(api.get("/profile", token=token)).status(200)
    api.stored.change("UPDATE users SET disabled = ? WHERE id = ?", True, person.id)
    kept_out(api.get("/profile", token=token), "a user who was disabled in the table meanwhile")
    wrong = login(api, api.alice.username, "not-hers-at-all")
    for password in (person.password, "not-hers-at-all"):
        seen = login(api, person.username, password)
        expect(seen).refused()
        if seen.text != wrong.text:
            expect(seen).fail("the body that a wrong password gets", seen.text[:80])
    api.stored.change("UPDATE users SET disabled = ? WHERE id = ?", False, person.id)
    seen = api.get("/profile", token=token)
    if seen.status != 200:
        expect(seen).fail("200 for a user who is no longer disabled")


@check(
    "A user whom another process deletes is refused at the next request",
    task=1,
    points=1,
    catches="CU-01",
    why="a row that lives on in memory is a user whom nobody can dismiss",
    see="OWASP ASVS 5.0 V7.4.2",
    after=(test_disabled_user_is_refused,),
)
def test_deleted_user_is_refused(api: Api) -> None:
    person = api.person("gone")
    token = person.token
    expect(api.get("/profile", token=token)).status(200)
    api.stored.remove(person.username)
    kept_out(api.get("/profile", token=token), "a user whose row was deleted meanwhile")
    no_login(login(api, person.username, person.password), "the login of a user who is gone")


@check(
    "Every route refuses users who are gone or disabled",
    task=1,
    points=1,
    catches="CU-03 CU-04",
    why="attackers try every door, and one that checks the token alone is enough",
    file="database.py and security.py",
    see="OWASP API2:2023",
    after=(test_deleted_user_is_refused,),
)
def test_every_route_refuses(api: Api) -> None:
    alice, locked, gone = api.alice, api.person("locked"), api.person("gone")
    api.stored.change("UPDATE users SET disabled = ? WHERE id = ?", True, locked.id)
    for person, what in ((locked, "a user who is disabled"), (gone, "a user who is gone")):
        for method, path in ROUTES:
            form = {"token": alice.token} if path == "/introspect" else None
            kept_out(api.call(method, path, token=person.token, form=form), what)
        seen = api.post("/introspect", token=alice.token, form={"token": person.token})
        expect(seen).status(200)
        if seen.json != {"active": False}:
            expect(seen).fail(f'{{"active": false}} for the token of {what}', seen.text[:80])
    if not row_of(api, locked):
        expect(seen).fail("the row of a disabled user to stay", "none: their DELETE worked")


@check(
    "What another process changes is in the next answer",
    task=1,
    points=1,
    catches="CU-07",
    why="an answer from memory is as old as the server: names and addresses change meanwhile",
    after=(test_disabled_user_is_refused,),
)
def test_changes_are_seen(api: Api) -> None:
    bob = api.bob
    expect(api.get("/users/me", token=bob.token)).status(200).fields(full_name=bob.full_name)
    bob.full_name, bob.email = "Bob Newname", f"new-{bob.email}"
    change = "UPDATE users SET full_name = ?, email = ? WHERE id = ?"
    api.stored.change(change, bob.full_name, bob.email, bob.id)
    for path in ("/users/me", "/profile"):
        seen = api.get(path, token=bob.token)
        expect(seen).status(200).fields(id=bob.id, full_name=bob.full_name, email=bob.email)


@check(
    "Many callers at one moment each get their own answer",
    task=1,
    points=1,
    catches="CU-12",
    why="requests that share a session, or a variable, crash or get each other's data",
    see="OWASP ASVS 5.0 V15.4.1",
    after=(test_changes_are_seen,),
)
def test_many_callers_at_once(api: Api) -> None:
    readers = (api.alice, api.bob) * READERS  # nobody writes here, so nobody waits either
    calls = [request("GET", "/users/me", token=person.token) for person in readers]
    for person, seen in zip(readers, api.at_once(*calls), strict=True):
        _own_answer(seen, person, 200, calls[1])
    for _ in range(ROUNDS):
        newcomer = api.new_person("crowd")  # one writes while the others read
        callers = [("/register", newcomer)]
        callers += [(path, one) for path in ("/users/me", "/login", "/users/me", "/profile")
                   for one in (api.alice, api.bob)]  # fmt: skip
        calls = [
            request("GET", path, token=person.token)
            if path in ("/users/me", "/profile")
            else request("POST", path, json=person.credentials)
            if path == "/login"
            else request("POST", path, json=person.registration)
            for path, person in callers
        ]
        for (path, person), seen in zip(callers, api.at_once(*calls), strict=True):
            if path != "/login" or seen.status != 200:
                _own_answer(seen, person, 201 if path == "/register" else 200, calls[1])
            elif forge.claims_of(expect(seen).text_field("access_token")).get("sub") != person.id:
                expect(seen).fail("a token for the caller", "a token for another caller")


def _own_answer(seen: Exchange, person: Person, status: int, shown: Request) -> None:
    """Which request suffers depends on chance, and a report must not: it shows always the same."""
    if seen.status != status:
        if seen.status < 500:
            expect(seen).status(status)
        expect(replace(seen, request=shown)).fail("no crash, whoever else is served at this moment")
    name = seen.field("username")
    if name != person.username:
        unnamed = replace(seen, request=shown, answer=replace(seen.answer, body=b""))
        expect(unnamed).fail("the caller's own answer", "the answer for another caller")


# -- your turn 2 -----------------------------------------------------------------------------------


@check(
    "SQL in a name is a name that nobody has",
    task=2,
    points=1,
    catches="PW-26",
    why="a name that becomes a part of the question can ask a question of its own",
    see="CWE-89; OWASP ASVS 5.0 V1.2.4",
    after=("accounts_work",),
)
def test_sql_in_a_name_is_text(api: Api) -> None:
    alice = api.alice
    name = alice.username
    names = (
        f"{name}'", f"{name}' --", f"{name}') --", "' OR '1'='1", "') OR ('1'='1", f'{name}" --',
        f"{name}\\", f"{name[:-1]}%", f"{name[:-1]}_", "%", f"{name}'; DROP TABLE users --",
    )  # fmt: skip
    for place, odd in enumerate(names):
        door = "/token" if place % 4 == 3 else "/login"
        seen = login(api, odd, alice.password, door)
        if seen.status == 200 and odd.endswith(("%", "_")):
            got = "200: the sign stands for other letters"
            expect(seen).fail(f"401 for the name {odd}, which nobody has", got)
        no_login(seen, f"the name {odd}, which nobody has")
    expect(login(api, name, alice.password)).status(200)


@check(
    "Nobody logs in as Alice with a row of their own making",
    task=2,
    points=1,
    catches="PW-26",
    why="UNION adds Mallory's hash to Alice's row: her own password opens Alice's account",
    see="CWE-89",
    after=(test_sql_in_a_name_is_text,),
)
def test_no_row_is_smuggled_in(api: Api) -> None:
    alice, mallory = api.alice, api.mallory
    password_hash = row_of(api, mallory).get("password_hash", "")
    row = f"SELECT id, username, email, full_name, '{password_hash}', disabled"
    smuggled = f"{row} FROM users WHERE username = '{alice.username}'"
    for end, door in (("x')", "/login"), ("x'", "/login"), ("x')", "/token"), ('x"', "/login")):
        name = f"{end} UNION {smuggled} --"
        what = "a name that smuggles a row into the question"
        no_login(login(api, name, mallory.password, door), what)
    person = api.new_person("quoting")
    person.full_name = "Robert'); DROP TABLE users; -- \"O'Neil\""
    expect(api.post("/register", json=person.registration)).status(201)
    seen = api.get("/users/me", token=person.token)
    expect(seen).status(200).fields(full_name=person.full_name)
    expect(api.get("/users/me", token=alice.token)).status(200)


@check(
    "Text that no database holds is nobody's name, and no crash",
    task=2,
    points=1,
    catches="PW-25",
    why="a NUL or half a character makes drivers raise: one request, one 500",
    see="CWE-20",
    after=(test_sql_in_a_name_is_text,),
)
def test_hostile_text_is_nobodys(api: Api) -> None:
    alice, stranger = api.alice, api.new_person("stranger")
    names = {
        f"{alice.username}\0": "a name with a NUL", "\ud800": "half a character",
        "x" * LONG: f"a name of {LONG:,} characters", "\U0001f600": "an emoji", "": "no name",
        f"{alice.username}\n": "a name with a line break",
    }  # fmt: skip
    for name, what in names.items():
        seen = login(api, name, alice.password)
        if len(name) == LONG:
            seen = replace(seen, request=replace(seen.request, body=b"(long)"))
        no_login(seen, what)
    no_login(login(api, "\ud800", alice.password, "/token"), "half a character")
    no_login(login(api, alice.username, "\ud800\0"), "a password that is no text")
    for field, text in (("username", "\ud800"), ("full_name", "\ud800"), ("full_name", "a\0b")):
        expect(api.post("/register", json=stranger.registration | {field: text})).status(422)
    expect(login(api, alice.username, alice.password)).status(200)


# -- your turn 3 -----------------------------------------------------------------------------------


@check(
    "A token with an unknown `crit` is refused",
    task=3,
    points=1,
    catches="VF-24",
    why="`crit` says: who does not know this rule must not take the token; python-jose reads past",
    see="RFC 7515 §4.1.11",
    after=("bad_tokens_are_refused",),
)
def test_unknown_crit_is_refused(api: Api) -> None:
    alice = api.alice
    expect(api.get("/profile", token=alice.token)).status(200).fields(id=alice.id)
    kept_out(api.get("/profile", token=with_rules(alice)), 'a header with crit ["once"]')
    rule = "https://example.com/rules/4711"
    token = resigned(alice, None, {"crit": [rule], rule: {"places": 2}})
    kept_out(api.get("/profile", token=token), f'a header with crit ["{rule}"]')


@check(
    "A token that is issued in the future is refused",
    task=3,
    points=1,
    catches="VF-12",
    why="a token made in stock is one that nobody has issued: python-jose takes it",
    see="RFC 7519 §4.1.6",
    after=("bad_tokens_are_refused",),
)
def test_token_of_tomorrow_is_refused(api: Api) -> None:
    alice, now = api.alice, int(time.time())
    earlier = resigned(alice, {"iat": now - 600, "exp": now + 300})
    expect(api.get("/profile", token=earlier)).status(200).fields(id=alice.id)
    kept_out(api.get("/profile", token=of_tomorrow(alice)), "a token that is issued tomorrow")
    soon = resigned(alice, {"iat": now + 3600, "exp": now + 7200})
    kept_out(api.get("/profile", token=soon), "a token that is issued in an hour")


@check(
    "/introspect and the other routes refuse both, too",
    task=3,
    points=1,
    catches="VF-12 VF-24 CU-04",
    why="another service that asks would believe a token that this one refuses",
    see="RFC 7662 §4",
    after=(test_unknown_crit_is_refused, test_token_of_tomorrow_is_refused),
)
def test_every_route_refuses_odd_tokens(api: Api) -> None:
    alice, bob = api.alice, api.bob
    seen = api.post("/introspect", token=alice.token, form={"token": bob.token})
    expect(seen).status(200).fields(active=True, sub=bob.id)
    odd = {"an unknown crit": with_rules(bob), "an iat of tomorrow": of_tomorrow(bob)}
    for what, token in odd.items():
        seen = api.post("/introspect", token=alice.token, form={"token": token})
        expect(seen).status(200)
        if seen.json != {"active": False}:
            expect(seen).fail(f'{{"active": false}} for a token with {what}', seen.text[:80])
        for method in ("GET", "DELETE"):
            kept_out(api.call(method, "/users/me", token=token), f"a token with {what}")


# -- your turn 4 -----------------------------------------------------------------------------------


@check(
    "/register answers with the User and nothing else",
    task=4,
    points=1,
    catches="CU-14",
    why="a row sent out whole takes the password's hash along, for guessing at home",
    see="OWASP API3:2023",
    after=("accounts_work",),
)
def test_register_returns_a_user(api: Api) -> None:
    person = api.new_person("reader")
    seen = api.post("/register", json=person.registration)
    expect(seen).status(201).fields(
        username=person.username, email=person.email, full_name=person.full_name
    )
    person.id = expect(seen).only(*USER).text_field("id")
    expect(seen).hides(person.password, str(row_of(api, person).get("password_hash")))


@check(
    "/users/me answers with the User and nothing else",
    task=4,
    points=1,
    catches="CU-14",
    why="what stands in this answer lands in logs, in caches and on other people's screens",
    see="OWASP API3:2023",
    after=("accounts_work",),
)
def test_me_returns_a_user(api: Api) -> None:
    alice = api.alice
    seen = api.get("/users/me", token=alice.token)
    expect(seen).status(200).only(*USER).fields(
        id=alice.id, username=alice.username, email=alice.email, full_name=alice.full_name
    )
    expect(seen).hides(str(row_of(api, alice).get("password_hash")))
    kept.only_the_token_counts(api, "/users/me", "/profile")


@check(
    "DELETE /users/me ends the account, and its token with it",
    task=4,
    points=1,
    catches="CU-01 MT-06",
    why="who closes an account wants it gone: a token that goes on is a door left open",
    see="OWASP ASVS 5.0 V7.4.2",
    after=("accounts_work",),
)
def test_closed_account_is_gone(api: Api) -> None:
    person = api.register("closing")
    expect(api.get("/users/me", token=person.token)).status(200)
    seen = api.delete("/users/me", token=person.token)
    expect(seen).status(204)
    if seen.answer.body:
        expect(seen).fail("204 without a body", seen.text[:80])
    if row_of(api, person):
        expect(seen).fail("no row of theirs in the table users", "the row is still there")
    for method, path in (("GET", "/profile"), *ROUTES):
        what = "the token of an account that was closed"
        kept_out(api.call(method, path, token=person.token), what)
    no_login(login(api, person.username, person.password), "the login of a closed account")


@check(
    "DELETE /users/me touches no account but the caller's",
    task=4,
    points=1,
    catches="AZ-01 TR-13",
    why="an account that a name in the address can close is one that anybody can close",
    see="CWE-639",
    after=(test_closed_account_is_gone,),
)
def test_only_the_caller_is_deleted(api: Api) -> None:
    alice, bob, person = api.alice, api.bob, api.register("closing")
    twin = alike(person)
    before = len(api.stored.rows("SELECT id FROM users"))
    names = {"username": alice.username, "id": alice.id, "user_id": alice.id}
    seen = api.delete("/users/me", token=person.token, params=names, json=names)
    expect(seen).status(204)
    after = len(api.stored.rows("SELECT id FROM users"))
    if row_of(api, alice) and not row_of(api, person) and not row_of(api, twin):
        got = "the row of somebody with the same name and address gone, too"
        expect(seen).fail("the caller's row gone alone", got)
    if not row_of(api, alice) or row_of(api, person) or after != before - 1:
        expect(seen).fail("the caller's row gone, and no other", "another row gone, or none")
    for one in (alice, bob, twin):
        expect(api.get("/users/me", token=one.token)).status(200).fields(id=one.id)


def alike(person: Person) -> Person:
    """Register somebody with the same full name, and the same e-mail address if that may be."""
    api, twin = person.api, person.api.new_person("twin")
    twin.full_name = person.full_name
    seen = api.post("/register", json=twin.registration | {"email": person.email})
    if seen.status in (409, 422):
        seen = api.post("/register", json=twin.registration)
    else:
        twin.email = person.email
    twin.id = expect(seen).status(201).text_field("id")
    return twin


# -- your turn 2, newcomers: last, as a taken name can stop all that comes after it --------------


@check(
    "A taken name is answered with 409, and the service goes on",
    task=2,
    points=1,
    catches="PW-16 PW-17",
    why="an unexpected refusal of the database is a 500, and can stop the requests behind it",
    see="CWE-755",
    after=("accounts_work",),
)
def test_taken_name_is_refused(api: Api) -> None:
    alice = api.alice
    for name in (alice.username, alice.username.upper()):
        seen = api.post("/register", json=alice.registration | {"username": name})
        if seen.status != 409:
            expect(seen).status(409)
        expect(seen).hides(alice.password, "users.", "INSERT")
    expect(api.get("/profile", token=alice.token)).status(200).fields(id=alice.id)
    newcomer = api.new_person("newcomer")
    expect(api.post("/register", json=newcomer.registration)).status(201)


@check(
    "An id never returns: an old token opens no newcomer's account",
    task=2,
    points=1,
    catches="MT-06",
    why="counted, the id of a deleted user goes to the next newcomer, and the old token with it",
    see="CWE-672",
    after=(test_taken_name_is_refused,),
)
def test_ids_never_return(api: Api) -> None:
    stays, leaver = api.register("stays"), api.register("leaver")
    token = leaver.token
    api.stored.remove(leaver.username)
    again = api.post("/register", json=leaver.registration)
    leaver.id, former = expect(again).status(201).text_field("id"), leaver.id
    later = leaver.new_token()
    api.stored.remove(leaver.username)
    newcomer = api.new_person("newcomer")
    seen = api.post("/register", json=newcomer.registration)
    newcomer.id = expect(seen).status(201).text_field("id")
    ids = [api.alice.id, stays.id, former, leaver.id, newcomer.id]
    for old in (token, later):
        kept_out(api.get("/profile", token=old), "the old token of a user who is gone")
    if len(set(ids)) < len(ids):
        expect(seen).fail("an id that nobody had before", "one that somebody had")
    expect(api.get("/users/me", token=newcomer.token)).status(200).fields(id=newcomer.id)
    expect(api.get("/users/me", token=stays.token)).status(200).fields(id=stays.id)


@check(
    "Of many registrations of one name at one moment, one wins",
    task=2,
    points=1,
    catches="PW-16r",
    why="who looks first and writes then finds the name free as often as many look at once",
    see="CWE-367; OWASP ASVS 5.0 V15.4.2",
    after=(test_taken_name_is_refused,),
)
def test_one_of_many_registrations_wins(api: Api) -> None:
    crowd = [api.new_person("crowd") for _ in range(4)]
    calls = [request("POST", "/register", json=one.registration) for one in crowd]
    first = calls[0]
    for one, seen in zip(crowd, api.at_once(*calls, writers_wait=True), strict=True):
        _own_answer(seen, one, 201, first)
    for _ in range(ROUNDS):
        person = api.new_person("crowd")
        names = (person.username, person.username.upper()) * 3
        calls = [
            request("POST", "/register", json=person.registration | {"username": name})
            for name in names
        ]
        met = sorted(api.at_once(*calls, writers_wait=True), key=lambda one: one.status)
        # Which round and which request suffers depends on chance, and a report must not.
        shown = [replace(o, request=first, answer=replace(o.answer, body=b"")) for o in met]
        for one in shown:
            if one.status not in (201, 409):
                expect(one).fail("one 201, and 409 for the rest")
        wins = sum(one.status == 201 for one in met)
        if wins != 1:
            got = "none" if not wins else "more than one"
            expect(shown[0]).fail("exactly one 201 for one name", got)
        rows = api.stored.rows("SELECT username FROM users WHERE lower(username) = ?",
                               person.username.lower())  # fmt: skip
        if len(rows) != 1:
            expect(shown[0]).fail("one row for one name", f"{len(rows)} rows")


@check(
    "A second worker shares names and users, and draws ids of its own",
    task=2,
    points=1,
    catches="RV-02",
    why="what one process keeps in its memory, the one beside it does not know",
    see="OWASP ASVS 5.0 V15.4.2",
    after=(test_ids_never_return,),
)
def test_workers_agree(api: Api) -> None:
    worker = api.worker()
    guest = worker.new_person("guest")
    seen = worker.post("/register", json=guest.registration)
    guest.id = expect(seen).status(201).text_field("id")
    token = guest.token
    expect(api.get("/users/me", token=token)).status(200).fields(id=guest.id)
    expect(api.post("/register", json=guest.registration)).status(409)
    other = api.new_person("guest")
    seen = api.post("/register", json=other.registration)
    other.id = expect(seen).status(201).text_field("id")
    expect(worker.post("/register", json=other.registration)).status(409)
    for _ in range(ROUNDS):
        person = api.new_person("crowd")
        calls = [request("POST", "/register", json=person.registration)] * 4
        met = api.at_once(*calls, beside=worker, writers_wait=True)
        found = sorted(one.status for one in met)
        if found != [201, 409, 409, 409]:
            shown = replace(met[0], answer=replace(met[0].answer, body=b""))
            got = "another status, such as 500" if set(found) - {201, 409} else "not one 201"
            expect(shown).fail("one 201, and 409 for the rest, at two workers at one moment", got)
    api.stored.remove(guest.username)
    kept_out(worker.get("/users/me", token=token), "a user who is gone")
    seen = api.post("/register", json=guest.registration)
    if seen.status != 201:
        expect(seen).fail("201 for a name that is free again")


# -- your turn 4, once ids never return -----------------------------------------------------------


@check(
    "The name of a closed account is free, and its old token stays refused",
    task=4,
    points=1,
    catches="MT-06",
    why="a token is for an account, not for a name: who takes the name later is somebody else",
    see="CWE-672",
    after=(test_closed_account_is_gone, test_ids_never_return),
)
def test_closed_name_is_free(api: Api) -> None:
    person = api.register("closing")
    old, former = person.token, person.id
    expect(api.delete("/users/me", token=old)).status(204)
    password, person.password = person.password, "another-" + person.password
    seen = api.post("/register", json=person.registration)
    if seen.status != 201:
        expect(seen).fail("201 for the name of an account that was closed")
    person.id = expect(seen).text_field("id")
    if person.id == former:
        expect(seen).fail("an id that is new", "the id of the closed account")
    kept_out(api.get("/profile", token=old), "the token of the closed account of that name")
    no_login(login(api, person.username, password), "the password of the closed account")
    seen = api.get("/users/me", token=person.new_token())
    expect(seen).status(200).fields(id=person.id)


# -- what was printed: last, when all has been asked ----------------------------------------------


@kept.nothing_printed(after=("accounts_work",))
def test_log_holds_no_secret(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
