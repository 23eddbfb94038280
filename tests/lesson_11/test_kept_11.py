"""Lesson 11 keeps what lessons 2 to 10 have promised, and what its own starter can do already."""

from __future__ import annotations

import kept
from workbook.grading import Api, check, expect, forge

NEW = (("POST", "/logout"), ("POST", "/logout-everywhere"), ("PUT", "/users/me/password"))
OLD = (
    ("GET", "/users/me"), ("GET", "/protected"), ("GET", "/notes"), ("POST", "/introspect"),
)  # fmt: skip


@check(
    "Registration, login and the pages of the documentation stay open",
    task=None,
    points=0,
    why="who has no token yet must be able to get one",
)
def test_accounts_work(api: Api) -> None:
    kept.accounts_work(api, "id", "username", "email", "full_name", "roles")


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-21 PW-22",
    why="a new lock on one door must not loosen the hinges of another",
    after=(test_accounts_work,),
)
def test_bad_logins_are_refused(api: Api) -> None:
    kept.bad_logins_are_refused(api)
    kept.disabled_logs_in_nowhere(api)
    taken = api.new_person("twin").registration | {"username": api.alice.username.upper()}
    expect(api.post("/register", json=taken)).status(409)


@check(
    "A request without a token is refused, at the new routes too",
    task=None,
    points=0,
    catches="TR-01 TR-02 TR-08",
    why="who has not shown a token is nobody yet",
    see="RFC 6750 §3",
    after=(test_accounts_work,),
)
def test_no_token_is_refused(api: Api) -> None:
    kept.nobody_comes_in_without_a_token(api, ("GET", "/profile"), *NEW)


@check(
    "Bad tokens are refused as before, at the new routes too",
    task=None,
    points=0,
    catches="VF-01 VF-02 VF-08 VF-09 VF-10 VF-16 RV-05",
    why="who can log out with a forged token can log out anybody",
    see="RFC 7519 §7.2",
    after=(test_accounts_work,),
)
def test_bad_tokens_are_refused(api: Api) -> None:
    kept.bad_tokens_are_refused(api, *NEW)
    expect(api.get("/profile", token=api.alice.token)).status(200)


@check(
    "A signed token that lacks a claim or a header field leads to no server error",
    task=None,
    points=0,
    catches="VF-30",
    why="who signs tokens may leave a claim out, such as a service of before an update",
    see="CWE-754",
    file="security.py",
    after=(test_accounts_work,),
)
def test_missing_claim_is_no_crash(api: Api) -> None:
    token, key = api.alice.token, api.secret_key
    expect(api.get("/profile", token=token)).status(200)
    poorer = {
        f"the claim {one}": forge.forge(token, key, {one: forge.LEFT_OUT})
        for one in forge.claims_of(token)
    } | {
        f"{one} in its header": forge.forge(token, key, None, {one: forge.LEFT_OUT})
        for one in forge.header_of(token)
    }
    for what, text in poorer.items():
        seen = api.get("/profile", token=text)
        if seen.status == 0 or seen.status >= 500:
            expect(seen).fail(f"no server error for a signed token without {what}")
    endless = forge.forge(api.alice.new_token(), key, {"exp": 2**70})
    for path, sent in (("/profile", {}), ("/logout", {})):
        seen = api.call("GET" if path == "/profile" else "POST", path, token=endless, **sent)
        if seen.status == 0 or seen.status >= 500:
            expect(seen).fail("no server error for a signed token whose exp is 2**70")


@check(
    "Notes stay private, roles and scopes still count",
    task=None,
    points=0,
    catches="AZ-01 AZ-02 AZ-07 SC-01",
    why="whose token it is has to be asked as before, and what it is good for too",
    see="OWASP API1:2023",
    after=(test_accounts_work,),
)
def test_rights_are_kept(api: Api) -> None:
    alice, bob = api.alice, api.bob
    note = api.post("/notes", token=alice.token, json={"title": "Mine", "body": "alone"})
    number = expect(note).status(201).number_field("id")
    path = f"/notes/{number:.0f}"
    expect(api.get(path, token=alice.token)).status(200).fields(title="Mine")
    expect(api.get(path, token=bob.token)).status(404)
    kept.one_note_at_a_time(api)
    kept.notes_have_limits(api)
    expect(api.get("/admin", token=api.olga.token)).status(200)
    expect(api.get("/admin", token=bob.token)).status(403)
    kept.scopes_and_roles_count(api)
    locked = api.register("locked")
    seen = api.get("/profile", token=locked.token)
    for disabled, status in ((True, 401), (False, 200)):
        path = f"/users/{locked.id}/disabled"
        expect(api.put(path, token=api.olga.token, json={"disabled": disabled})).status(200)
        seen = api.get("/profile", token=locked.token)
        if seen.status != status:
            what = "who is locked out" if disabled else "who is let in again, with the old token"
            expect(seen).fail(f"{status} for a user {what}")
    # A person of its own: a change that should be refused would shut others out.
    person = api.register("reader")
    form = person.credentials | {"grant_type": "password", "scope": "notes:read"}
    reading = expect(api.post("/token", form=form)).status(200).text_field("access_token")
    expect(api.get("/notes", token=reading)).status(200)
    seen = api.post("/notes", token=reading, json={"title": "No", "body": "no"})
    expect(seen).status(403).header("WWW-Authenticate", "insufficient_scope")
    change = {"current_password": person.password, "new_password": "another-of-hers-9"}
    expect(api.put("/users/me/password", token=reading, json=change)).status(403)


@check(
    "After a logout its token is refused, and no other one",
    task=None,
    points=0,
    catches="RV-01",
    why="a logout that only tells the client leaves every copy of the token alive",
    see="OWASP ASVS 5.0 V7.4.1",
    after=(test_accounts_work,),
)
def test_logout_ends_its_token(api: Api) -> None:
    person = api.register("leaver")
    token = person.token
    # Of fewer scopes, so that it is another text: the starter's tokens have no names yet.
    form = person.credentials | {"grant_type": "password", "scope": "notes:read"}
    other = expect(api.post("/token", form=form)).status(200).text_field("access_token")
    expect(api.get("/profile", token=token)).status(200)  # used before: no memory of it may help
    expect(api.post("/logout", token=token)).status(204)
    seen = api.get("/profile", token=token)
    if seen.status != 401:
        expect(seen).fail("401 for a token that has logged out")
    expect(seen).refused("invalid_token")
    for good, what in ((other, "another token of the same user"), (api.bob.token, "Bob's token")):
        seen = api.get("/profile", token=good)
        if seen.status != 200:
            expect(seen).fail(f"200 for {what}, after this logout")
    # The token of the request goes, whatever else is named.
    name = forge.claims_of(api.bob.token).get("jti") or api.bob.token
    named, guest = {"jti": str(name), "token": api.bob.token}, api.register("guest")
    expect(api.post("/logout", token=guest.token, params=named, json=named)).status(204)
    seen = api.get("/profile", token=guest.token)
    if seen.status != 401:
        expect(seen).fail("401 for a token that logged out while Bob's was named beside it")
    seen = api.get("/profile", token=api.bob.token)
    if seen.status != 200:
        expect(seen).fail("200 for Bob's token, which another's logout has named")


@check(
    "A token of any scope can log out, and every route refuses it then",
    task=None,
    points=0,
    catches="RV-01 CU-10",
    why="attackers try every door: the one that does not ask the list stays open",
    see="OWASP API2:2023",
    after=(test_logout_ends_its_token, test_rights_are_kept),
)
def test_every_route_asks_the_list(api: Api) -> None:
    alice, person, olga = api.alice, api.person("visitor"), api.olga
    form = person.credentials | {"grant_type": "password", "scope": "notes:read"}
    gone = expect(api.post("/token", form=form)).status(200).text_field("access_token")
    admin = olga.new_token()
    for token in (gone, admin):
        expect(api.post("/logout", token=token)).status(204)
    for method, path in (*OLD, *NEW[:2]):
        seen = api.call(method, path, token=gone)
        if seen.status != 401:
            expect(seen).fail("401 for a token that has logged out")
    expect(api.get("/admin", token=admin)).refused()
    seen = api.post("/introspect", token=alice.token, form={"token": alice.token})
    expect(seen).status(200).fields(active=True, sub=alice.id)
    # Who is calling comes first: not even the scope that is missing is named to such a token.
    expect(api.delete("/users/me", token=gone)).refused("invalid_token")
    seen = api.post("/introspect", token=alice.token, form={"token": gone})
    if seen.json != {"active": False}:
        expect(seen).fail('{"active": false} for a token that has logged out', seen.text[:80])


@check(
    "A new password that is too weak gets 422, and no password comes back",
    task=None,
    points=0,
    catches="PW-06 PW-22",
    why="a change that takes less than a registration is the way around its rules",
    see="OWASP ASVS 5.0 V6.2.1",
    after=(test_accounts_work,),
)
def test_weak_password_is_refused(api: Api) -> None:
    person = api.register("beginner")
    for weak in ("k1te-!7", "ééééééé", "ü" * 40, "eight-or-more\0"):
        change = {"current_password": person.password, "new_password": weak}
        seen = api.put("/users/me/password", token=person.token, json=change)
        expect(seen).status(422).hides(person.password, weak)
    expect(api.post("/login", json=person.credentials)).status(200)


@check(
    "Who knows the old password gets the new one",
    task=None,
    points=0,
    why="the starter did so: a lock on this door must not shut its owner out",
    after=(test_accounts_work,),
)
def test_password_can_be_changed(api: Api) -> None:
    person = api.register("changer")
    old, person.password = person.password, f" {person.password} New "
    change = {"current_password": old, "new_password": person.password}
    token = api.post("/login", json={"username": person.username, "password": old}).json
    token = token.get("access_token") if isinstance(token, dict) else ""
    expect(api.put("/users/me/password", token=str(token), json=change)).status(204)
    changed = api.exchanges[-1]
    seen = api.post("/login", json=person.credentials)
    if seen.status != 200:
        expect(seen).fail("200 for the new password as it was typed, blanks included")
    for other in (old, person.password.strip(), person.password.lower()):
        seen = api.post("/login", json=person.credentials | {"password": other})
        if seen.status == 200:
            old_one = "the old password" if other == old else "the new one in other letters"
            expect(seen).fail(f"401 for {old_one}")
    kept.password_is_hashed(changed, person)
    seen = api.get("/profile", token=api.bob.token)
    if seen.status != 200:
        expect(seen).fail("200 for Bob's token, after somebody else's new password")
