"""Lesson 9: what stays of the lessons before, and what the starter of this one can already do."""

from __future__ import annotations

import secrets
import time

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge

USER = ("id", "username", "email", "full_name", "roles")
CLOSED = (("GET", "/users/me"), ("GET", "/protected"), ("POST", "/introspect"), ("GET", "/notes"),
          ("DELETE", "/users/me"))  # fmt: skip
MISSING = "nobody-has-this-id"


def me(person: Person) -> dict[str, object]:
    """Return what the person reads of their own account."""
    seen = person.api.get("/users/me", token=person.token)
    expect(seen).status(200).text_field("id")
    found: dict[str, object] = seen.json
    return found


def olga(api: Api) -> Person:
    """Return Olga, with her id."""
    if not api.olga.id:
        api.olga.id = str(me(api.olga).get("id"))
    return api.olga


def hidden(api: Api, name: str) -> Person:
    """Return a user whose name nobody can know beforehand, registered when first asked for."""
    known = f"hidden {name}"
    if known not in api.people:
        person = api.new_person(f"{name}-{secrets.token_hex(8)}")
        person.password = secrets.token_hex(12)
        person.full_name = f"{name.capitalize()} Example"
        seen = api.post("/register", json=person.registration)
        person.id = expect(seen).status(201).text_field("id")
        api.people[known] = person
    return api.people[known]


def wants(seen: Exchange, status: int, sentence: str) -> None:
    """The answer has this status; if not, the sentence tells why it should have."""
    if seen.status in (0, 501):
        expect(seen).status(status)
    if seen.status != status:
        expect(seen).fail(sentence)


@check(
    "Accounts, logins and pages work as before, and a newcomer has no role",
    task=None,
    points=0,
    why="a new lock on one door must not loosen the hinges of another",
)
def test_accounts_work(api: Api) -> None:
    kept.accounts_work(api, *USER)
    expect(api.get("/users/me", token=api.bob.token)).status(200).only(*USER).fields(roles=[])
    seen = api.get("/profile", token=api.alice.token)
    expect(seen).status(200).fields(id=api.alice.id)
    expect(seen).only("message", *(USER if "roles" in seen.json else USER[:-1]))


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-22",
    why="who guesses or mistypes must learn no more than that it was wrong",
    after=(test_accounts_work,),
)
def test_bad_logins_are_refused(api: Api) -> None:
    kept.bad_logins_are_refused(api)
    kept.disabled_logs_in_nowhere(api)
    body = api.new_person("twin").registration | {"username": api.alice.username.upper()}
    expect(api.post("/register", json=body)).status(409)


@check(
    "Nobody comes in without a token",
    task=None,
    points=0,
    catches="TR-01 TR-02 TR-04 TR-08",
    why="who has not shown a token is nobody yet",
    see="RFC 6750 §3",
    after=(test_accounts_work,),
)
def test_no_token_is_refused(api: Api) -> None:
    kept.nobody_comes_in_without_a_token(api, *CLOSED)


@check(
    "Bad tokens are refused as before",
    task=None,
    points=0,
    catches="VF-01 VF-02 VF-09 VF-10 VF-15",
    why="a role is worth as much as the token that shows whose it is",
    see="RFC 6750 §3.1",
    after=(test_accounts_work,),
)
def test_bad_tokens_are_refused(api: Api) -> None:
    kept.bad_tokens_are_refused(api, *CLOSED[:4])


@check(
    "Notes and names stay with their owners, and a closed account stays closed",
    task=None,
    points=0,
    catches="AZ-01 AZ-03 CU-01",
    why="what lessons 7 and 8 closed must not come open with the admin's door",
    file="app.py and notes.py",
    see="OWASP API1:2023",
    after=(test_accounts_work,),
)
def test_ownership_holds(api: Api) -> None:
    alice, bob = hidden(api, "alice"), hidden(api, "bob")
    note = {"title": "Tuesday", "body": f"The word is {secrets.token_hex(8)}"}
    seen = api.post("/notes", token=alice.token, json=note)
    expect(seen).status(201).fields(**note)
    path = f"/notes/{expect(seen).number_field('id'):.0f}"
    expect(api.get(path, token=alice.token)).status(200).fields(**note)
    for method in ("GET", "PUT", "DELETE"):
        text = {"json": {"title": "Mine", "body": "Not hers"}} if method == "PUT" else {}
        seen = api.call(method, path, token=bob.token, **text)
        wants(seen, 404, "404: the note is Alice's, and Bob asks")
    seen = api.get("/notes", token=bob.token)
    wants(seen, 200, "200 for Bob, who asks for his own notes")
    if note["body"] in seen.text:
        expect(seen).fail("Bob's notes alone", "Alice's note among them")
    expect(api.get(path, token=alice.token)).status(200).fields(**note)
    change = {"full_name": "Mallory was here", "email": bob.email}
    seen = api.put(f"/users/{alice.id}", token=bob.token, json=change)
    wants(seen, 404, "404 for Bob, who is no admin and changes Alice")
    bob.full_name = f"Bob {secrets.token_hex(8)}"
    change = {"full_name": bob.full_name, "email": bob.email}
    seen = api.put(f"/users/{bob.id}", token=bob.token, json=change)
    expect(seen).status(200).only(*USER).fields(**change, id=bob.id)
    names = {"user_id": alice.id, "id": alice.id, "username": alice.username}
    seen = api.get("/users/me", token=bob.token, params=names)
    expect(seen).status(200).fields(id=bob.id)
    kept.only_the_token_counts(api, "/users/me")
    kept.one_note_at_a_time(api)
    kept.notes_have_limits(api)
    leaver = api.register("leaver")
    expect(api.delete("/users/me", token=leaver.token)).status(204)
    expect(api.get("/users/me", token=leaver.token)).refused("invalid_token")


@check(
    "GET /admin answers Olga with 200, a user with 403, and everybody else with 401",
    task=None,
    points=0,
    catches="AZ-13 AZ-19",
    why="401 says: show me who you are; 403 says: I know who you are, and you may not",
    see="RFC 9110 §15.5.4",
    file="admin.py and security.py",
    after=(test_accounts_work,),
)
def test_admin_area(api: Api) -> None:
    seen = api.get("/admin", token=olga(api).token)
    wants(seen, 200, "200 for Olga, who is an admin")
    if not isinstance(seen.json, dict):
        expect(seen).fail("a JSON object", seen.text[:80] or "an empty body")
    seen = api.get("/admin", token=hidden(api, "alice").token)
    wants(seen, 403, "403 for a user who is signed in and no admin")
    expect(api.get("/admin")).refused("")
    forged = forge.forge(api.olga.token, kept.OTHER_KEY)
    expect(api.get("/admin", token=forged)).refused("invalid_token")


@check(
    "A token that has ended opens no admin area, and a disabled admin's does not",
    task=None,
    points=0,
    catches="VF-09 CU-01",
    why="a guard that finds the user by itself forgets what the other doors ask",
    file="security.py",
    see="RFC 6750 §3.1",
    after=(test_admin_area,),
)
def test_admin_area_keeps_out(api: Api) -> None:
    now = int(time.time())
    seen = api.get("/admin", token=kept.resigned(olga(api), iat=now - 900, exp=now - 5))
    wants(seen, 401, "401 for Olga's token, which has ended")
    expect(seen).refused("invalid_token")
    deputy = hidden(api, "deputy")
    api.stored.change("INSERT INTO user_roles (user_id, role) VALUES (?, ?)", deputy.id, "admin")
    wants(api.get("/admin", token=deputy.token), 200, "200 for a second admin")
    api.stored.disable(deputy.username)
    seen = api.get("/admin", token=deputy.token)
    wants(seen, 401, "401 for an admin whose account is disabled")
    expect(seen).refused("invalid_token")
    api.stored.change("DELETE FROM user_roles WHERE user_id = ?", deputy.id)


@check(
    "The admin exists only if ADMIN_PASSWORD is set",
    task=None,
    points=0,
    catches="AZ-20",
    why="a default password is known to all; and a name, or being the first, makes nobody an admin",
    file="startup.py",
    see="OWASP ASVS 5.0 V6.3.2",
    after=(test_admin_area,),
    beside={"ADMIN_PASSWORD": ""},
)
def test_no_default_admin(api: Api) -> None:
    seen = api.get("/users/me", token=olga(api).token)
    expect(seen).fields(username="olga")
    roles = seen.field("roles")
    if not isinstance(roles, list) or "admin" not in roles:
        expect(seen).fail("olga with the role admin", f"the roles {seen.field('roles')}")
    with api.another(ADMIN_PASSWORD="") as bare:
        for password in ("", "admin", "olga", "change-me-please"):
            seen = bare.post("/login", json={"username": "olga", "password": password})
            if seen.status == 200:
                expect(seen).fail("no login without ADMIN_PASSWORD")
        for name in ("olga", "admin"):
            person = bare.new_person(name)
            body = person.registration | {"username": name}
            seen = bare.post("/register", json=body)
            if seen.status == 409:
                expect(seen).fail(f"a free name {name}: without ADMIN_PASSWORD there is no admin")
            expect(seen).status(201).fields(roles=[])
            person.username = name
            expect(bare.get("/admin", token=person.token)).status(403)


@check(
    "Where there is no admin, everybody may leave",
    task=None,
    points=0,
    why="a rule that keeps the last admin must not hold back the others",
    file="roles.py",
    after=(test_no_default_admin,),
)
def test_all_may_leave(api: Api) -> None:
    leaver, boss = hidden(api, "leaver"), olga(api)
    assert leaver.token
    api.stored.change("DELETE FROM user_roles")
    seen = api.delete("/users/me", token=leaver.token)
    api.stored.change("INSERT INTO user_roles (user_id, role) VALUES (?, ?)", boss.id, "admin")
    wants(seen, 204, "204: there was no admin to keep, so everybody may leave")


@check(
    "An admin gives and takes roles, and locks users out and in",
    task=None,
    points=0,
    why="the starter's routes do this already: what you change must not break it",
    file="admin.py and roles.py",
    after=(test_admin_area,),
)
def test_admin_manages_users(api: Api) -> None:
    bob, token = hidden(api, "bob"), olga(api).token
    for roles in (["admin"], []):
        seen = api.put(f"/users/{bob.id}/roles", token=token, json={"roles": roles})
        wants(seen, 200, f"200 for Olga, an admin, who gives Bob the roles {roles}")
        expect(seen).only(*USER).fields(id=bob.id, roles=roles)
        if me(bob).get("roles") != roles:
            expect(api.exchanges[-1]).fail(f"the roles {roles}, as the admin set them")
    path = f"/users/{bob.id}/disabled"
    seen = api.put(path, token=token, json={"disabled": True})
    wants(seen, 200, "200 for Olga, an admin, who locks Bob out")
    expect(seen).only(*USER)
    expect(api.get("/users/me", token=bob.token)).refused("invalid_token")
    expect(api.post("/login", json=bob.credentials)).status(401)
    seen = api.put(path, token=token, json={"disabled": False})
    wants(seen, 200, "200 for Olga, an admin, who lets Bob in again")
    expect(api.get("/users/me", token=bob.token)).status(200)
    for what, body, bad in (
        ("roles", {"roles": []}, {"roles": 7}),
        ("disabled", {"disabled": True}, {"disabled": "perhaps"}),
    ):
        expect(api.put(f"/users/{MISSING}/{what}", token=token, json=body)).status(404)
        expect(api.put(f"/users/{bob.id}/{what}", token=token, json=bad)).status(422)


@check(
    "No word in a body makes its sender an admin",
    task=None,
    points=0,
    catches="AZ-16",
    why="who may write their own rights has all of them",
    file="schemas.py and app.py",
    see="OWASP API3:2023",
    after=(test_admin_area,),
)
def test_bodies_give_no_role(api: Api) -> None:
    more = {"roles": ["admin"], "role": "admin", "is_admin": True, "disabled": False}
    climber = api.new_person("climber")
    seen = api.post("/register", json=climber.registration | more)
    if expect(seen).status(201, 422).exchange.status == 422:  # refused whole: fair as well
        seen = api.post("/register", json=climber.registration)
    climber.id = expect(seen).status(201).fields(roles=[]).text_field("id")
    body = {"full_name": climber.full_name, "email": climber.email, **more}
    expect(api.put(f"/users/{climber.id}", token=climber.token, json=body)).status(200, 422)
    seen = api.get("/admin", token=climber.token)
    if seen.status != 403:
        expect(seen).fail("403: her body named her an admin, and no admin did")
