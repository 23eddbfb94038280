"""Lesson 12 keeps what the lessons before it promise, and refreshes for the owner of a token."""

from __future__ import annotations

import kept
from workbook.grading import Api, Person, check, expect, forge

USER = ("id", "username", "email", "full_name", "roles")


@check(
    "Registration, login and the pages of the documentation work as before",
    task=None,
    points=0,
    why="a new way to get a token must leave the old ones open",
)
def test_accounts_work(api: Api) -> None:
    kept.accounts_work(api, *USER)


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-19 PW-22",
    why="a new lock on one door must not loosen the hinges of another",
    after=(test_accounts_work,),
)
def test_bad_logins_are_refused(api: Api) -> None:
    kept.bad_logins_are_refused(api)
    kept.disabled_logs_in_nowhere(api)
    taken = api.new_person("twin").registration | {"username": api.alice.username.upper()}
    expect(api.post("/register", json=taken)).status(409)
    form = {"grant_type": "client_credentials", **api.alice.credentials}
    expect(api.post("/token", form=form)).status(400)
    seen = api.post("/token", form={"grant_type": "password", "username": api.alice.username})
    expect(seen).status(400, 422)
    form = {"grant_type": "password", **api.alice.credentials, "password": "not-hers-at-all"}
    seen = api.post("/token", form=form | {"refresh_token": fresh(api)})
    if seen.status == 200:
        expect(seen).fail("400 for a wrong password with grant_type=password")
    person = api.register("owner")
    change = {"current_password": f"{person.password}x", "new_password": f"{person.password}-new"}
    seen = api.put("/users/me/password", token=person.token, json=change)
    if seen.status not in (400, 401, 403):
        expect(seen).fail("400, 401 or 403 for a wrong current_password")
    weak = change | {"current_password": person.password, "new_password": "k1te-!7"}
    seen = api.put("/users/me/password", token=person.token, json=weak)
    expect(seen).status(422).hides("k1te-!7")
    expect(api.post("/login", json=person.credentials)).status(200)


@check(
    "Who sends no token, or a bad one, is refused as before",
    task=None,
    points=0,
    catches="VF-01 VF-02 VF-09 VF-10",
    why="a check added in the wrong place can switch another one off",
    after=(test_accounts_work,),
)
def test_bad_tokens_are_refused(api: Api) -> None:
    guarded = ("GET", "/users/me"), ("POST", "/logout"), ("POST", "/introspect")
    kept.nobody_comes_in_without_a_token(api, *guarded)
    kept.bad_tokens_are_refused(api, ("GET", "/notes"))
    seen = api.post("/introspect", form={"token": api.alice.token})
    if seen.status != 401:
        expect(seen).fail("401 for a question to /introspect without a token of one's own")
    seen = api.get("/profile", token=kept.resigned(api.alice, jti=""))
    if seen.status != 401:
        expect(seen).fail("401 for a signed token whose jti is empty")
    person, key = api.register("leaving"), api.secret_key
    token = person.token
    for name in sorted(forge.claims_of(token)):
        # A token of its own: without some of them a logout is a logout.
        poorer = forge.forge(person.new_token(), key, {name: forge.LEFT_OUT})
        for method, path in (("GET", "/profile"), ("POST", "/logout")):
            seen = api.call(method, path, token=poorer)
            if seen.status == 0 or seen.status >= 500:
                expect(seen).fail(f"no server error for a signed token without {name}")
    endless = forge.forge(token, key, {"exp": 2**70})
    for path, sent in (("/revoke", {"form": {"token": endless}}), ("/logout", {"token": endless})):
        seen = api.post(path, **sent)
        if seen.status == 0 or seen.status >= 500:
            expect(seen).fail("no server error for a signed token whose exp is 2**70")


@check(
    "Notes stay private, and a token for reading does not write",
    task=None,
    points=0,
    catches="AZ-01 SC-01",
    why="whoever changes how tokens are made can lose a scope, or an owner, on the way",
    after=(test_accounts_work,),
)
def test_notes_stay_private(api: Api) -> None:
    alice, bob = api.alice, api.bob
    note = {"title": "To do", "body": "Mend the gate"}
    seen = api.post("/notes", token=alice.token, json=note)
    place = f"/notes/{expect(seen).status(201).fields(**note).number_field('id'):g}"
    expect(api.get(place, token=alice.token)).status(200).fields(**note)
    expect(api.get(place, token=bob.token)).status(404)
    form = {"grant_type": "password", "scope": "notes:read", **alice.credentials}
    reader = expect(api.post("/token", form=form)).status(200).text_field("access_token")
    expect(api.get(place, token=reader)).status(200)
    expect(api.post("/notes", token=reader, json=note)).status(403)
    seen = api.get("/notes", token=olgas(api, "account:write users:admin"))
    if seen.status != 403:
        expect(seen).fail("403 for an admin's token without notes:read")
    kept.one_note_at_a_time(api)
    kept.notes_have_limits(api)
    leaver = api.register("leaver")
    expect(api.post("/notes", token=leaver.token, json=note)).status(201)
    gone = api.delete("/users/me", token=leaver.token)
    expect(gone).status(204)
    if api.stored.rows("SELECT id FROM notes WHERE owner_id = ?", leaver.id):
        expect(gone).fail("no note of a user who is gone", "one in the table `notes`")


def olgas(api: Api, scope: str) -> str:
    """Return an access token of the admin's, for these scopes alone."""
    form = {"grant_type": "password", "scope": scope, **api.olga.credentials}
    return expect(api.post("/token", form=form)).status(200).text_field("access_token")


@check(
    "The admin's routes are for admins alone, and one admin stays",
    task=None,
    points=0,
    catches="AZ-11 AZ-17 SC-12",
    why="a role that comes out of the wrong table opens everything",
    after=(test_accounts_work,),
)
def test_admin_routes_are_for_admins(api: Api) -> None:
    expect(api.get("/admin", token=api.olga.token)).status(200)
    expect(api.get("/admin", token=api.bob.token)).status(403)
    expect(api.put("/users/me/roles", token=api.bob.token, json={"roles": []})).status(403)
    tenant, token = api.register("tenant"), api.olga.token
    change = {"email": "moved@example.com", "full_name": "Tina Moved"}
    place = f"/users/{tenant.id}"
    seen = api.put(place, token=olgas(api, "account:write"), json=change)
    if seen.status not in (403, 404):
        expect(seen).fail("403 or 404 for an admin's token without users:admin")
    expect(api.put(place, token=token, json=change)).status(200).fields(id=tenant.id, **change)
    boss = expect(api.get("/users/me", token=token)).status(200).text_field("id")
    for seen in (
        api.put(f"/users/{boss}/disabled", token=token, json={"disabled": True}),
        api.delete("/users/me", token=token),
    ):
        if seen.status != 409:
            expect(seen).fail("409, as Olga is the last admin")
    expect(api.get("/admin", token=token)).status(200)
    kept.scopes_and_roles_count(api)


@check(
    "A refresh token brings its owner new tokens, and no one else's",
    task=None,
    points=0,
    catches="RF-12 RF-16 TR-10",
    why="the starter refreshed for honest clients: a lesson that locks them out is no gain",
    file="refresh.py and login.py",
    see="RFC 6749 §6",
    after=(test_accounts_work,),
)
def test_refresh_brings_new_tokens(api: Api) -> None:
    alice, bob = api.alice, api.bob
    login = api.post("/login", json=alice.credentials)
    expect(login).status(200).text_field("access_token")
    more = {"username": bob.username, "user_id": bob.id, "sub": bob.id}
    ended = kept.resigned(bob, iat=1_700_000_000, exp=1_700_000_900)
    for number in range(2):
        form = {"grant_type": "refresh_token"}
        form["refresh_token"] = expect(login).text_field("refresh_token")
        # The second time Bob's name and his ended token come along: they must not count.
        seen = api.post("/token", form=form | more, token=ended) if number else None
        if seen is None or 400 <= seen.status < 500:
            seen = api.post("/token", form=form)
        expect(seen).status(200).fields(token_type="bearer").header("Cache-Control", "no-store")
        token = expect(seen).text_field("access_token")
        if token == login.field("access_token"):
            expect(seen).fail("a new access token", "the old one")
        whose(api, token, alice)
        kept.token_is_sound(seen, alice)
        login = seen


def whose(api: Api, token: str, person: Person) -> None:
    """The access token opens `/profile`, and it is this person's."""
    seen = api.get("/profile", token=token)
    if expect(seen).status(200).text_field("id") != person.id:
        expect(seen).fail("the profile of the refresh token's owner", "somebody else's")


@check(
    "A refresh token that is none is refused with 400 and an error that clients read",
    task=None,
    points=0,
    catches="RF-13",
    why="a client that cannot read the refusal asks again and again; a crash is worse",
    see="RFC 6749 §5.2",
    after=(test_refresh_brings_new_tokens,),
)
def test_odd_refresh_tokens_are_refused(api: Api) -> None:
    odd = {"a text that is none": "any-string", "5,000 letters": "x" * 5000, "a NUL": "a\0b"}
    odd |= {"a letter that is not ASCII": "caf\xe9", "nothing": ""}
    for what, text in odd.items():
        form = {"grant_type": "refresh_token", "refresh_token": text}
        seen = api.post("/token", form=form)
        if seen.status != 400:
            expect(seen).fail(f"400 for {what} as a refresh token")
        if text:
            expect(seen).fields(error="invalid_grant")
        else:
            expect(seen).text_field("error")
    seen = api.post("/token", form={"grant_type": "refresh_token"})
    expect(seen).status(400, 422)
    form = {"grant_type": "refreshed_token", "refresh_token": "any-string"}
    expect(api.post("/token", form=form)).status(400)
    token = fresh(api)
    form, whole = {"grant_type": "refresh_token"}, {"refresh_token": token}
    for what, sent in (
        ("in the address alone", {"form": form, "params": whole}),
        ("in a cookie alone", {"form": form, "headers": {"Cookie": f"refresh_token={token}"}}),
        ("sent twice in one form", {"form": [*form.items(), *whole.items(), *whole.items()]}),
    ):
        seen = api.post("/token", **sent)
        if not 400 <= seen.status < 500:
            expect(seen).fail(f"a 4xx for a good refresh token that is {what}")
    first, last = token[:8], token[-8:]
    near = {
        "with other letters at its end": token[:-8] + first,
        "with other letters at its beginning": last + token[8:],
    }
    if token not in (token.lower(), token.upper()):  # where they count, capitals are other letters
        near["with capitals for small letters, and small ones for capitals"] = token.swapcase()
    for what, text in near.items():
        seen = api.post("/token", form=form | {"refresh_token": text})
        if seen.status != 400:
            expect(seen).fail(f"400 for a refresh token {what}")
        expect(seen).fields(error="invalid_grant")


def fresh(api: Api) -> str:
    """Return the refresh token of a login of Alice's."""
    seen = api.post("/login", json=api.alice.credentials)
    return expect(seen).status(200).text_field("refresh_token")


@check(
    "An access token can still be taken back",
    task=None,
    points=0,
    catches="RV-01 RV-05",
    why="logout and revocation of lesson 11 must survive what is built on them",
    after=(test_refresh_brings_new_tokens,),
)
def test_access_tokens_can_be_taken_back(api: Api) -> None:
    person = api.register("leaver")
    logged_out, revoked, kept_one = person.new_token(), person.new_token(), person.new_token()
    expect(api.post("/logout", token=logged_out)).status(204)
    expect(api.post("/revoke", form={"token": revoked})).status(200)
    forged = forge.forge(kept_one, kept.OTHER_KEY)
    expect(api.post("/revoke", form={"token": forged})).status(200)
    for token, what in ((logged_out, "logged out"), (revoked, "was revoked")):
        seen = api.get("/profile", token=token)
        if seen.status != 401:
            expect(seen).fail(f"401 for a token that {what}")
        expect(seen).refused("invalid_token")
    expect(api.get("/profile", token=kept_one)).status(200)
    for token, active in ((kept_one, True), (logged_out, False), (revoked, False)):
        seen = api.post("/introspect", token=kept_one, form={"token": token})
        expect(seen).status(200).fields(active=active)
    form = {"grant_type": "password", "scope": "notes:read", **person.credentials}
    reading = expect(api.post("/token", form=form)).status(200).text_field("access_token")
    seen = api.post("/logout-everywhere", token=reading)
    if seen.status != 204:
        expect(seen).fail("204: a token of any scope ends all sessions")
    seen = api.get("/profile", token=kept_one)
    if seen.status != 401:
        expect(seen).fail("401 for a token of before /logout-everywhere")
    expect(seen).refused("invalid_token")
