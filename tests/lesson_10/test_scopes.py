"""Lesson 10: a token is good for what was asked for and may be had, and for no more."""

from __future__ import annotations

import re
import time
from secrets import token_hex
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge

READ, WRITE, ACCOUNT, ADMIN = "notes:read", "notes:write", "account:write", "users:admin"
USERS = {READ, WRITE, ACCOUNT}
"""What every user may ask for."""
ALL = USERS | {ADMIN}
NOTE = {"title": "Shopping", "body": "strings for the violin"}
OTHER_NOTE = {"title": "Changed", "body": "by somebody who may"}


# -- people and words that nobody can list -----------------------------------------------------


def newcomer(api: Api) -> Person:
    """Return somebody who is not registered, with a name that no submission can know."""
    name = token_hex(8)
    return Person(api, name, token_hex(8), f"{name}@example.com", name)


def unknown(api: Api, part: str = "user") -> Person:
    """Return who plays this part, registered under a name that no submission can know."""
    key = f"unknown {part}"
    if key not in api.people:
        person = newcomer(api)
        seen = api.post("/register", json=person.registration)
        person.id = expect(seen).status(201).text_field("id")
        api.people[key] = person
    return api.people[key]


def unknown_admin(api: Api) -> Person:
    """Return an admin whose name no submission can know."""
    person = unknown(api, "admin")
    if not person._token:  # not asked for yet
        address = f"/users/{person.id}/roles"
        expect(api.put(address, token=api.olga.token, json={"roles": ["admin"]})).status(200)
    return person


def near(scope: str) -> tuple[str, ...]:
    """Return words that come near a scope; the first four stand on no list of bad words."""
    word, (first, last) = token_hex(8), scope.split(":")
    unheard = (f"{word}:{last}", f"{first}:.{word}", f"{scope}.{word}", f"{word}.{scope}")
    alike = (f"{scope}r", f"x{scope}", f"{scope},all", scope.upper(), f"{first}:*", first, "*")
    return (*unheard, *alike)


# -- asking ----------------------------------------------------------------------------------


def narrow(person: Person, *scopes: str) -> str:
    """Return their token with these scopes in its claim, and no other, signed as the server does.

    No routes' check then hangs on what `/token` grants.
    """
    return kept.resigned(person, scope=" ".join(scopes))


def ask_for(person: Person, scope: str) -> Exchange:
    """Log in at `/token` and ask for these scopes; for "" the form has no such field."""
    form = {"grant_type": "password", **person.credentials}
    return person.api.post("/token", form=form | ({"scope": scope} if scope else {}))


def granted(seen: Exchange) -> set[str]:
    """Return the scopes of a login's token: its claim and the answer's `scope` must agree."""
    token = expect(seen).status(200).text_field("access_token")
    said, claim = seen.field("scope"), forge.claims_of(token).get("scope")
    if not said and not claim:
        return set()  # nothing was left
    if not isinstance(said, str):
        expect(seen).fail("the field scope in the answer, a text", repr(said)[:80])
    if not isinstance(claim, str):
        expect(seen).fail("a text in the token's claim scope", repr(claim)[:80])
    if set(said.split()) != set(claim.split()):
        expect(seen).fail(f"the scopes that the token has ({claim})", f'"{said}" in the answer')
    return set(said.split())


def granted_or_refused(seen: Exchange) -> set[str]:
    """Return what a login got that asked for too much: nothing, where it got `invalid_scope`."""
    if seen.status == 200:
        return granted(seen)
    if seen.status != 400:
        expect(seen).fail("400 invalid_scope, or a token for the rest")
    expect(seen).fields(error="invalid_scope")
    return set()


def kept_out(seen: Exchange, what: str, *also: int) -> None:
    """The token was refused, with 403 or one of `also`: a check of its own judges the form."""
    if seen.status in (0, 501):
        expect(seen).status(403)
    if seen.status not in (403, *(also or (401,))):
        expect(seen).fail(f"403 for {what}")


def lacks(seen: Exchange, missing: str, what: str) -> None:
    """The answer is 403 with `insufficient_scope`, and names the scope that is missing."""
    if seen.status != 403:
        expect(seen).fail(f"403 for {what}")
    expect(seen).header("WWW-Authenticate", "Bearer")
    challenge = (seen.header("WWW-Authenticate") or "").replace("=", " = ").replace(",", " ")
    words = challenge.replace('"', " ").split()
    if "insufficient_scope" not in words:
        expect(seen).fail('WWW-Authenticate: Bearer error="insufficient_scope"', challenge[:120])
    if missing not in words:
        expect(seen).fail(f'scope="… {missing} …" in WWW-Authenticate', challenge[:120])
    told = re.search(r'\bscope\s*=\s*"([^"]*)"', seen.header("WWW-Authenticate") or "")
    if told and (ALL - {missing}).intersection(told[1].split()):
        expect(seen).fail(f"no scope in WWW-Authenticate but {missing}, as no other is needed")


def a_note(person: Person) -> int:
    """Let them write a note with their own, whole token; return its number."""
    seen = person.api.post("/notes", token=person.token, json=NOTE)
    return int(expect(seen).status(201).number_field("id"))


# -- what the starter does already -----------------------------------------------------------


@check(
    "A login gets the scope it asks for, or all that it may have; answer and token say so",
    task=None,
    points=0,
    why="a client cannot know what its token is good for unless the answer names the scope",
    see="RFC 6749 §3.3, §5.1",
    file="scopes.py and login.py",
    after=("accounts_still_work",),
)
def test_login_gets_its_scopes(api: Api) -> None:
    alice, olga = api.alice, api.olga
    seen, asked = ask_for(alice, f"{WRITE} {READ}"), {READ, WRITE}
    if granted(seen) != asked:
        got = f'"{seen.field("scope")}"'
        expect(seen).fail(f"what was asked for: {' '.join(sorted(asked))}", got)
    olgas = api.post("/login", json=olga.credentials)
    whole = ((ask_for(alice, ""), USERS), (api.post("/login", json=alice.credentials), USERS),
             (olgas, ALL))  # fmt: skip
    for seen, allowed in whole:
        if granted(seen) & ALL != allowed:  # a service may have scopes of its own besides
            got = f'"{seen.field("scope")}"'
            expect(seen).fail(f"all that the role allows: {' '.join(sorted(allowed))}", got)
    olga._token = olgas.field("access_token")


@check(
    "Who is calling may be asked with every good token",
    task=None,
    points=0,
    why="a program must be able to ask whose token it holds, whatever the token is good for",
    see="RFC 7662 §2.1",
    file="security.py and app.py",
    after=(test_login_gets_its_scopes,),
)
def test_some_routes_need_no_scope(api: Api) -> None:
    alice, token = api.alice, narrow(api.alice, WRITE)
    for path in ("/profile", "/users/me"):
        expect(api.get(path, token=token)).status(200).fields(id=alice.id)
    expect(api.get("/protected", token=token)).status(200)
    seen = api.post("/introspect", token=token, form={"token": alice.token})
    expect(seen).status(200).fields(active=True, sub=alice.id)


@check(
    "A token for one thing is kept out of another",
    task=None,
    points=0,
    catches="SC-12",
    why="scopes that a route declares and nobody compares are decoration",
    see="RFC 6749 §1.4",
    file="security.py",
    after=(test_some_routes_need_no_scope,),
)
def test_narrow_token_is_kept_out(api: Api) -> None:
    user, admin = unknown(api), unknown_admin(api)
    a_note(user)
    expect(api.get("/notes", token=narrow(user, READ))).status(200)
    kept_out(api.get("/notes", token=narrow(user, WRITE)), f"a token for {WRITE} alone")
    expect(api.get("/admin", token=narrow(admin, ADMIN))).status(200)
    for path in ("/admin", "/users"):
        kept_out(api.get(path, token=narrow(admin, READ)), f"an admin's token for {READ} alone")
    for scope in (ACCOUNT, ADMIN):
        kept_out(
            api.get("/notes", token=narrow(admin, scope)), f"an admin's token for {scope} alone"
        )


@check(
    "Who may not come in at all gets 401, and learns of no scope",
    task=None,
    points=0,
    catches="SC-07",
    why="scopes read before the signature answer a forger's questions: which scope opens this?",
    see="RFC 6750 §3.1",
    file="security.py",
    after=(test_narrow_token_is_kept_out,),
)
def test_forger_learns_no_scope(api: Api) -> None:
    alice, olga, locked, now = api.alice, api.olga, api.register("locked"), int(time.time())
    token = narrow(locked, WRITE)
    api.stored.disable(locked.username)
    sent = (
        ("a token signed with another key", "/notes", READ,
         forge.forge(alice.token, kept.OTHER_KEY, {"scope": WRITE})),
        ("a token signed with another key", "/admin", ADMIN,
         forge.forge(olga.token, kept.OTHER_KEY, {"scope": WRITE})),
        ("a token that ended", "/notes", READ,
         kept.resigned(alice, scope=WRITE, iat=now - 900, exp=now - 5)),
        ("the token of a user who is disabled", "/notes", READ, token),
    )  # fmt: skip
    for what, path, scope, token in sent:
        seen = api.get(path, token=token)
        if seen.status != 401:
            expect(seen).fail(f"401 for {what}, whatever its scope")
        expect(seen).refused("invalid_token").hides(scope)


@check(
    "A note is its owner's alone, whatever the scope",
    task=None,
    points=0,
    catches="SC-08",
    why="a scope says what a program may do for its user, not whose notes it may touch",
    see="OWASP API1:2023",
    file="notes.py",
    after=(test_login_gets_its_scopes,),
)
def test_notes_stay_private(api: Api) -> None:
    alice, bob = api.alice, api.bob
    note = {"title": "Only mine", "body": "Alice's violin is behind the stove."}
    seen = api.post("/notes", token=alice.token, json=note)
    number = int(expect(seen).status(201).fields(**note).number_field("id"))
    for method in ("GET", "PUT", "DELETE"):
        body = note if method == "PUT" else None
        seen = api.call(method, f"/notes/{number}", token=bob.token, json=body)
        expect(seen).status(404).hides(note["body"])
    expect(api.get("/notes", token=bob.token)).status(200).hides(note["body"])
    seen = api.get(f"/notes/{number}", token=alice.token)
    expect(seen).status(200).fields(**note)
    kept.one_note_at_a_time(api)
    kept.notes_have_limits(api)


@check(
    "Each route of the admins wants the role, whatever the token says",
    task=None,
    points=0,
    catches="SC-11",
    why="a token is as old as its login: a demoted admin still holds one that says users:admin",
    see="OWASP ASVS 5.0 V8.3.2",
    file="admin.py",
    after=(test_login_gets_its_scopes,),
)
def test_admin_area_wants_the_role(api: Api) -> None:
    olga, deputy, other = api.olga, unknown(api, "deputy"), unknown(api, "bystander")
    new = newcomer(api)
    calls: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("GET", "/admin", None),
        ("POST", "/users", new.registration),
        ("PUT", f"/users/{other.id}/roles", {"roles": ["admin"]}),
        ("PUT", f"/users/{other.id}/disabled", {"disabled": True}),
        ("GET", "/users", None),  # last: names that vary give its answer another order each time
    )

    def all_refuse(token: str, what: str) -> None:
        for method, path, body in calls:
            seen = api.call(method, path, token=token, json=body)
            if seen.status != 403:
                expect(seen).fail(f"403 for {what}")
        expect(api.get("/users", token=olga.token)).status(200).hides(new.username)
        seen = api.get("/users/me", token=other.token)
        expect(seen).status(200).fields(id=other.id, roles=[])

    expect(api.get("/admin", token=olga.token)).status(200)
    # Her own token says what it says of her; this one says the same of somebody without a role.
    all_refuse(narrow(deputy, ADMIN, ACCOUNT), f"a token with {ADMIN} of a user without the role")
    address = f"/users/{deputy.id}/roles"
    expect(api.put(address, token=olga.token, json={"roles": ["admin"]})).status(200)
    token = deputy.new_token()
    expect(api.get("/admin", token=token)).status(200)
    expect(api.put(address, token=olga.token, json={"roles": []})).status(200)
    all_refuse(token, "the token of an admin who has been demoted")


@check(
    "Users are managed with users:admin alone, and not without it",
    task=None,
    points=0,
    catches="SC-12",
    why="a program that only manages users must not get Olga's own account for it",
    see="RFC 6749 §3.3",
    file="admin.py",
    after=(test_narrow_token_is_kept_out, test_admin_area_wants_the_role),
)
def test_users_admin_is_enough(api: Api) -> None:
    admin, user, new = unknown_admin(api), unknown(api), newcomer(api)
    other, only = narrow(admin, ACCOUNT, READ, WRITE), narrow(admin, ADMIN)
    calls: tuple[tuple[str, str, dict[str, Any], int], ...] = (
        ("POST", "/users", new.registration, 201),
        ("PUT", f"/users/{user.id}/roles", {"roles": []}, 200),
        ("PUT", f"/users/{user.id}/disabled", {"disabled": False}, 200),
    )
    for method, path, body, status in calls:
        seen = api.call(method, path, token=other, json=body)
        kept_out(seen, f"a token without {ADMIN}")
        seen = api.call(method, path, token=only, json=body)
        expect(seen).status(status).fields(username=(new if status == 201 else user).username)


# -- your turn 1 -------------------------------------------------------------------------------


@check(
    "A user who asks for users:admin does not get it",
    task=1,
    points=2,
    catches="SC-01",
    why="who gets every scope that she asks for needs no other attack",
    see="RFC 6749 §3.3",
    after=(test_login_gets_its_scopes,),
)
def test_asking_is_no_reason(api: Api) -> None:
    user = unknown(api)
    for asked in (ADMIN, f"{READ} {ADMIN}"):
        seen = ask_for(user, asked)
        if ADMIN in granted_or_refused(seen):
            expect(seen).fail(f"no {ADMIN} for a user without the role", seen.field("scope"))
    seen = api.post("/login", json=user.credentials | {"scope": ADMIN, "scopes": [ADMIN]})
    if seen.status == 200 and ADMIN in granted(seen):
        expect(seen).fail(f"no {ADMIN} for a user without the role", seen.field("scope"))
    seen = ask_for(api.olga, ADMIN)
    if granted(seen) != {ADMIN}:
        expect(seen).fail(f"{ADMIN} for an admin who asks for it", seen.field("scope"))


@check(
    "Of a wish that goes too far the allowed part is granted, or nothing",
    task=1,
    points=1,
    catches="SC-01",
    why="a program that asked for little must not get more because a part was refused",
    see="RFC 6749 §3.3",
    after=(test_asking_is_no_reason,),
)
def test_too_much_is_cut_down(api: Api) -> None:
    for asked in (f"{ADMIN} {ACCOUNT}", f"{token_hex(8)}:delete {WRITE} {READ}"):
        seen = ask_for(unknown(api), asked)
        allowed = USERS & set(asked.split())
        if seen.status == 200 and granted(seen) != allowed:
            wanted = f"{' '.join(sorted(allowed))} alone, or 400 invalid_scope"
            expect(seen).fail(wanted, f'"{seen.field("scope")}"')
        granted_or_refused(seen)


@check(
    "Who asks for nothing that may be had gets nothing",
    task=1,
    points=1,
    catches="SC-01 SC-05",
    why="a refused wish that falls back to *everything* is the best wish to make",
    see="RFC 6749 §5.2",
    after=(test_asking_is_no_reason,),
)
def test_nothing_left_is_nothing(api: Api) -> None:
    seen = ask_for(unknown(api), ADMIN)
    if got := granted_or_refused(seen):
        wanted = "400 invalid_scope, or a token with an empty scope"
        expect(seen).fail(wanted, f'"{" ".join(sorted(got))}"')


@check(
    "A scope that nobody has defined is not granted, however near it comes",
    task=1,
    points=1,
    catches="SC-01 SC-02",
    why="a word that another service understands in another way goes out under your signature",
    see="RFC 6749 §3.3",
    after=(test_asking_is_no_reason,),
)
def test_unknown_scopes_are_not_granted(api: Api) -> None:
    user, admin = unknown(api), unknown_admin(api)
    plain = ("notes:reader", "notes", "NOTES:READ", "* notes:*")
    asking = [(user, asked, f"the scope {asked}") for asked in plain]
    for person, scope, words in (
        *((user, scope, near(scope)[:4]) for scope in (READ, WRITE, ACCOUNT, ADMIN)),
        (admin, ADMIN, near(ADMIN)),
    ):
        asking.append((person, " ".join(words), f"words that only come near {scope}"))
    for person, asked, what in asking:
        seen = ask_for(person, asked)
        if got := granted_or_refused(seen):
            expect(seen).fail(f"nothing for {what}", f'"{" ".join(sorted(got))}"')


@check(
    "What a login may have goes by the roles of that moment",
    task=1,
    points=1,
    catches="SC-11",
    why="who was an admin yesterday must not get an admin's token today",
    see="OWASP ASVS 5.0 V8.3.2",
    after=(test_asking_is_no_reason,),
)
def test_roles_of_the_moment_count(api: Api) -> None:
    olga, deputy = api.olga, unknown(api, "deputy")
    address = f"/users/{deputy.id}/roles"
    expect(api.put(address, token=olga.token, json={"roles": ["admin"]})).status(200)
    seen = ask_for(deputy, ADMIN)
    if ADMIN not in granted(seen):
        expect(seen).fail(f"{ADMIN} for somebody who is an admin now", seen.field("scope"))
    if api.put(address, token=olga.token, json={"roles": ["admins"]}).status != 200:
        # A service may know no other role than admin.
        expect(api.put(address, token=olga.token, json={"roles": []})).status(200)
    api.stored.change("DELETE FROM user_roles WHERE user_id = ? AND role = ?", deputy.id, "Admin")
    kept.give_role(deputy, "Admin")
    for asked in (f"{READ} {ADMIN}", ""):
        seen = ask_for(deputy, asked)
        if ADMIN in granted_or_refused(seen):
            expect(seen).fail(f"no {ADMIN} for a demoted admin", seen.field("scope"))


# -- your turn 2 -------------------------------------------------------------------------------


@check(
    "A token without a scope opens nothing that needs one",
    task=2,
    points=1,
    catches="SC-05",
    why="tokens from before there were scopes would do everything until they end",
    see="CWE-636",
    after=(test_narrow_token_is_kept_out,),
)
def test_no_scope_opens_nothing(api: Api) -> None:
    for scope, what in ((forge.LEFT_OUT, "without a claim scope"), ("", "with an empty scope")):
        for person, path in ((unknown(api), "/notes"), (unknown_admin(api), "/admin")):
            token = kept.resigned(person, scope=scope)
            kept_out(api.get(path, token=token), f"a token {what}")
        for other in (READ, [READ]):  # what other services write, and this one does not
            token = kept.resigned(unknown(api), scope=scope, scopes=other, scp=other)
            seen = api.get("/notes", token=token)
            kept_out(seen, f"a token {what} and {READ} in the claims scopes and scp")


@check(
    "A scope counts as a whole word",
    task=2,
    points=2,
    catches="SC-02",
    why="`notes:read` stands in `notes:reader`, a scope that may mean something harmless",
    see="RFC 6749 §3.3; CWE-187",
    after=(test_narrow_token_is_kept_out,),
)
def test_scopes_are_whole_words(api: Api) -> None:
    user, admin = unknown(api), unknown_admin(api)
    words = (
        "notes:reader xnotes:read",
        "notes notes: read notes:read,all",
        "NOTES:READ",
        "* notes:*",
        " ".join(near(READ)[:4]),
        "notes.read notes+read",
        "notes:read;x x;notes:read notes:read+x x+notes:read",
        "notes:read, notes:read; \u200bnotes:read",
    )
    for scope in words:
        seen = api.get("/notes", token=narrow(user, scope, WRITE))
        shown = "of words near it" if scope == words[4] else ascii(scope).strip("'")
        kept_out(seen, f"a token with the scope {shown} at a route that needs {READ}")
    for path in ("/admin", "/users"):
        seen = api.get(path, token=narrow(admin, "users:administrator", *near(ADMIN)))
        kept_out(seen, f"a token with users:administrator at a route that needs {ADMIN}")
    expect(api.get("/notes", token=narrow(user, "a", WRITE, READ, "z"))).status(200)


@check(
    "A good token that lacks a scope gets 403, and the scope's name",
    task=2,
    points=1,
    catches="SC-06",
    why="401 says *log in again*, for ever; 403 with the name says what to ask for",
    see="RFC 6750 §3.1",
    after=(test_scopes_are_whole_words,),
)
def test_missing_scope_is_named(api: Api) -> None:
    user, admin, body = unknown(api), unknown_admin(api), {"disabled": False}
    seen = api.get("/notes", token=narrow(user, WRITE))
    lacks(seen, READ, f"a token for {WRITE} alone")
    seen = api.put(f"/users/{user.id}/disabled", token=narrow(admin, ACCOUNT), json=body)
    lacks(seen, ADMIN, f"a token for {ACCOUNT} alone")


@check(
    "A scope that is no text crashes nothing and opens nothing",
    task=2,
    points=1,
    catches="SC-04",
    why="another program that shares the key may write its claims in another form",
    see="RFC 9068 §2.2.3",
    after=(test_no_scope_opens_nothing,),
)
def test_odd_scope_opens_nothing(api: Api) -> None:
    odd: tuple[Any, ...] = (None, 5, {READ: True}, [5, [READ]], "\ud800")
    for value in odd:
        token = kept.resigned(unknown(api), scope=value)
        kept_out(api.get("/notes", token=token), f"a token whose scope is {value!r}")
    expect(api.get("/notes", token=narrow(unknown(api), READ))).status(200)


@check(
    "Another's account wants users:admin in the token, and the role",
    task=2,
    points=1,
    catches="SC-08 SC-12",
    why="Olga's mail program may change her own address: with it alone it must not reach Bob's",
    see="OWASP API1:2023",
    file="scopes.py and app.py",
    after=(test_narrow_token_is_kept_out,),
)
def test_anothers_account_wants_more(api: Api) -> None:
    admin, other = unknown_admin(api), unknown(api, "other")
    change = {"email": "moved@example.com", "full_name": "Bob Moved"}
    address = f"/users/{other.id}"
    tokens = (
        (f"an admin's token without {ADMIN}", narrow(admin, ACCOUNT)),
        (f"words that only come near {ADMIN}", narrow(admin, ACCOUNT, *near(ADMIN))),
    )
    for what, token in tokens:
        kept_out(api.put(address, token=token, json=change), what, 404)
    seen = api.put(address, token=narrow(unknown(api), ACCOUNT, ADMIN), json=change)
    if seen.status != 404:
        expect(seen).fail("404 for a user without the role, whatever the scope")
    clerk = unknown(api, "clerk")
    for role in ("admin-assistant", "Admin"):
        api.stored.change("DELETE FROM user_roles WHERE user_id = ?", clerk.id)
        kept.give_role(clerk, role)
        seen = api.put(address, token=narrow(clerk, ACCOUNT, ADMIN), json=change)
        if seen.status != 404:
            expect(seen).fail(f"404 for a user whose only role is {role}, whatever the scope")
        seen = api.get("/admin", token=narrow(clerk, ADMIN))
        if seen.status != 403:
            expect(seen).fail(f"403 for a user whose only role is {role}, whatever the scope")
    api.stored.change("DELETE FROM user_roles WHERE user_id = ?", clerk.id)
    expect(api.get("/users/me", token=other.token)).status(200).fields(email=other.email)
    seen = api.put(address, token=narrow(admin, ADMIN, ACCOUNT), json=change)
    expect(seen).status(200).fields(id=other.id, **change)
    other.email, other.full_name = change["email"], change["full_name"]


# -- your turn 3 -------------------------------------------------------------------------------


@check(
    "A token that may read notes changes none",
    task=3,
    points=2,
    catches="SC-12",
    why="a program that shows Alice's notes could delete them, or be made to",
    see="OWASP ASVS 5.0 V8.2.1",
    after=(test_narrow_token_is_kept_out,),
)
def test_reader_changes_nothing(api: Api) -> None:
    user = unknown(api)
    reader, number = narrow(user, READ, ACCOUNT), a_note(user)
    tokens = (
        (f"a token without {WRITE}", reader),
        (f"words that only come near {WRITE}", narrow(user, READ, ACCOUNT, *near(WRITE))),
    )
    calls = (("POST", "/notes"), ("PUT", f"/notes/{number}"), ("DELETE", f"/notes/{number}"))
    for what, token in tokens:
        for method, path in calls:
            body = OTHER_NOTE if method != "DELETE" else None
            kept_out(api.call(method, path, token=token, json=body), what)
    expect(api.get(f"/notes/{number}", token=reader)).status(200).fields(**NOTE)


@check(
    "A token that may write notes reads none",
    task=3,
    points=1,
    catches="SC-12",
    why="a program that only files new notes has no business in the old ones",
    see="OWASP ASVS 5.0 V8.2.1",
    after=(test_narrow_token_is_kept_out,),
)
def test_writer_reads_nothing(api: Api) -> None:
    writer = narrow(unknown(api), ACCOUNT, WRITE)
    seen = api.post("/notes", token=writer, json=NOTE)
    number = int(expect(seen).status(201).fields(**NOTE).number_field("id"))
    address = f"/notes/{number}"
    expect(api.put(address, token=writer, json=OTHER_NOTE)).status(200).fields(**OTHER_NOTE)
    for path in ("/notes", address):
        kept_out(api.get(path, token=writer), f"a token without {READ}")
    expect(api.delete(address, token=writer)).status(204)


@check(
    "An account is changed and closed with account:write alone",
    task=3,
    points=2,
    catches="SC-12",
    why="a token made for notes, stolen from some program, would end the whole account",
    see="OWASP ASVS 5.0 V8.2.1",
    file="security.py",
    after=(test_narrow_token_is_kept_out,),
)
def test_account_wants_its_own_scope(api: Api) -> None:
    person = unknown(api, "leaver")
    notes, keeper = narrow(person, READ, WRITE), narrow(person, ACCOUNT)
    tokens = (
        (f"a token without {ACCOUNT}", notes),
        (f"words that only come near {ACCOUNT}", narrow(person, READ, WRITE, *near(ACCOUNT))),
    )
    change = {"email": "away@example.com", "full_name": "Lea Away"}
    address = f"/users/{person.id}"
    for what, token in tokens:
        kept_out(api.put(address, token=token, json=change), what)
        kept_out(api.delete("/users/me", token=token), what)
    seen = api.get("/users/me", token=notes)
    expect(seen).status(200).fields(id=person.id, email=person.email)
    manager = unknown_admin(api)
    for method, path, json in (
        ("DELETE", "/users/me", None), ("PUT", f"/users/{manager.id}", change),
    ):  # fmt: skip
        seen = api.call(method, path, token=narrow(manager, ADMIN, READ, WRITE), json=json)
        kept_out(seen, f"an admin's token without {ACCOUNT}", 401, 404, 409)
    own = {"email": manager.email, "full_name": "Manuela New"}
    seen = api.put(f"/users/{manager.id}", token=narrow(manager, ACCOUNT), json=own)
    expect(seen).status(200).fields(**own)
    expect(api.put(address, token=keeper, json=change)).status(200).fields(**change)
    expect(api.delete("/users/me", token=keeper)).status(204)
    expect(api.get("/users/me", token=keeper)).status(401)


@check(
    "Another's account wants both scopes, not one of the two",
    task=3,
    points=1,
    catches="SC-03",
    why="a program that manages users would change their addresses, too, and read their mail",
    see="RFC 6750 §3.1; CWE-863",
    file="security.py",
    after=(test_anothers_account_wants_more, test_account_wants_its_own_scope),
)
def test_every_scope_is_needed(api: Api) -> None:
    admin, other = unknown_admin(api), unknown(api, "other")
    change = {"email": "again@example.com", "full_name": "Bob Again"}
    address = f"/users/{other.id}"
    for one in (ADMIN, ACCOUNT):
        seen = api.put(address, token=narrow(admin, one), json=change)
        if seen.status not in (403, 404):
            needed = f"where {ACCOUNT} and {ADMIN} are needed"
            expect(seen).fail(f"403 for a token for {one} alone, {needed}")
        seen = api.get("/users/me", token=other.token)
        expect(seen).status(200).fields(email=other.email, full_name=other.full_name)
    seen = api.put(address, token=narrow(admin, ACCOUNT, ADMIN), json=change)
    expect(seen).status(200).fields(id=other.id, **change)
    other.email, other.full_name = change["email"], change["full_name"]


# -- your turn 4 -------------------------------------------------------------------------------


def listed(schema: Any) -> dict[str, Any]:
    """Return the scopes of the password flows in an OpenAPI document."""
    found: dict[str, Any] = {}
    try:
        for scheme in schema["components"]["securitySchemes"].values():
            if scheme.get("type") == "oauth2":
                found |= scheme["flows"]["password"].get("scopes", {})
    except (KeyError, TypeError, AttributeError):
        pass
    return found


@check(
    "/openapi.json lists the four scopes",
    task=4,
    points=1,
    why="who cannot look up the scopes asks for none, and so gets all of them",
    see="OpenAPI 3.1, OAuth Flow Object",
    after=("accounts_still_work",),
)
def test_scopes_are_listed(api: Api) -> None:
    seen = api.get("/openapi.json")
    found = listed(seen.json)
    for scope in (READ, WRITE, ACCOUNT, ADMIN):
        if scope not in found:
            names = ", ".join(map(str, found)) or "no scope"
            expect(seen).fail(f"{scope} in the scopes of the oauth2 scheme's password flow", names)
        if not isinstance(found[scope], str) or not found[scope].strip():
            expect(seen).fail(f"some words that say what {scope} is for", repr(found[scope])[:80])


@check(
    "Each scope that /openapi.json lists can be had",
    task=4,
    points=1,
    why="the Authorize dialog offers what is listed: a wrong name there is a login that fails",
    see="RFC 6749 §3.3",
    after=(test_scopes_are_listed, test_login_gets_its_scopes),
)
def test_listed_scopes_can_be_had(api: Api) -> None:
    seen = api.get("/openapi.json")
    scopes = list(listed(seen.json))[:20]
    if missing := set(scopes) - granted_or_refused(ask_for(api.olga, " ".join(scopes))):
        wanted = f"only scopes that Olga gets when she asks for them: {' '.join(scopes)}"
        expect(seen).fail(wanted, f"{' '.join(sorted(missing))} not granted")


# -- at the end: what all of it has left behind ---------------------------------------------


@kept.nothing_printed(after=("accounts_still_work",))
def test_log_holds_no_password(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
