"""Lesson 9: an admin may do what others may not, and one admin always stays."""

from __future__ import annotations

import secrets
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.talking.client import made
from workbook.talking.exchange import Request

USER = ("id", "username", "email", "full_name", "roles")
MISSING = "nobody-has-this-id"
LOOK_ALIKES = ("admin-assistant", "not-admin", "administrator", "super-admin", "Admin", "ADMIN",
               " admin", "admin ", "admin,user", "user", "a", "")  # fmt: skip
"""Roles that are not `admin`, however much they look like it."""
KNOWN = {("POST", path) for path in ("/register", "/login", "/token", "/introspect", "/notes")}
KNOWN |= {("GET", path) for path in ("/profile", "/protected", "/users/me", "/notes")}
KNOWN |= {("GET", "/admin"), ("GET", "/users"), ("POST", "/users"), ("DELETE", "/users/me")}
"""Routes that are asked by name."""


# -- asking ----------------------------------------------------------------------------------


def may_not(seen: Exchange, what: str) -> None:
    """The caller is known, and refused."""
    if seen.status in (0, 501):
        expect(seen).status(403)
    if seen.status != 403:
        expect(seen).fail(f"403 for {what}")


def admits(seen: Exchange, what: str) -> None:
    """The admin area let the caller in."""
    if seen.status != 200:
        expect(seen).fail(f"200 for {what}")


def area(api: Api, token: str, **sent: Any) -> Exchange:
    """Ask for the admin area."""
    return api.get("/admin", token=token, **sent)


def assign(api: Api, person: Person, *roles: str) -> Exchange:
    """Let Olga give a person exactly these roles."""
    return api.put(f"/users/{person.id}/roles", token=olga(api).token, json={"roles": list(roles)})


def changing_routes(api: Api, user_id: str) -> tuple[Request, ...]:
    """Return a good request to every admin route that changes something, without a token."""
    newcomer = api.new_person("newcomer")
    return (
        made("PUT", f"/users/{user_id}/roles", json={"roles": ["admin"]}),
        made("PUT", f"/users/{user_id}/disabled", json={"disabled": True}),
        made("POST", "/users", json=newcomer.registration),
    )


def sent(api: Api, request: Request, token: str | None) -> Exchange:
    """Send a request with this token."""
    headers = list(request.headers)
    return api.call(request.method, request.path, body=request.body, headers=headers, token=token)


# -- who is an admin -----------------------------------------------------------------------------


def olga(api: Api) -> Person:
    """Return Olga, with her id."""
    if not api.olga.id:
        body = api.get("/users/me", token=api.olga.token).json
        api.olga.id = str(body.get("id")) if isinstance(body, dict) else ""
    return api.olga


def roles_of(api: Api, person: Person) -> list[str]:
    """Return a person's roles as they are stored."""
    found = api.stored.rows("SELECT role FROM user_roles WHERE user_id = ?", person.id)
    return sorted(str(row["role"]) for row in found)


def store_roles(api: Api, person: Person, *roles: str) -> None:
    """Store exactly these roles of a person, as another process of the service would."""
    api.stored.change("DELETE FROM user_roles WHERE user_id = ?", person.id)
    insert(api, [(person.id, role) for role in roles])


def insert(api: Api, rows: list[tuple[str, str]]) -> None:
    """Store rows of users and roles."""
    places = ", ".join(["(?, ?)"] * len(rows))
    question = f"INSERT INTO user_roles (user_id, role) VALUES {places}"  # noqa: S608
    if rows:
        api.stored.change(question, *[value for row in rows for value in row])


def name_admins(api: Api, *people: Person) -> None:
    """Make these people the only ones with a role, and admins, and let everybody log in."""
    found = api.stored.rows("SELECT user_id, role FROM user_roles")
    wanted = {(person.id, "admin") for person in people}
    if {(row["user_id"], row["role"]) for row in found} != wanted:
        api.stored.change("DELETE FROM user_roles")
        insert(api, sorted(wanted))
    if api.stored.rows("SELECT id FROM users WHERE disabled = ?", True):
        api.stored.change("UPDATE users SET disabled = ?", False)


def admins(api: Api) -> int:
    """Return how many admins could log in."""
    question = (
        "SELECT users.id FROM users JOIN user_roles ON user_roles.user_id = users.id"
        " WHERE user_roles.role = ? AND users.disabled = ?"
    )
    return len(api.stored.rows(question, "admin", False))


# -- your turn 1 -----------------------------------------------------------------------------------


@check(
    "Nothing that the caller sends makes an admin: not a claim, a header or a parameter",
    task=1,
    points=1,
    catches="MT-10 AZ-11",
    why="a claim is as old as its login, and everybody can write a header",
    see="OWASP ASVS 5.0 V8.3.2",
    after=("admin_area",),
)
def test_claims_make_no_admin(api: Api) -> None:
    name_admins(api, olga(api))
    key, alice = api.secret_key, api.alice
    lists = {"roles": ["admin"], "groups": ["admin"], "permissions": ["admin"], "is_admin": True}
    words = {"roles": "admin", "role": "admin", "scope": "admin", "admin": True, "username": "olga"}
    for claims in (lists, words):
        seen = area(api, forge.forge(alice.token, key, claims))
        may_not(seen, f"a user whose token claims {', '.join(claims)}")
    names = {"role": "admin", "roles": "admin", "is_admin": "true", "admin": "1"}
    headers = {"X-Role": "admin", "X-Roles": "admin", "X-User": "olga", "X-User-Id": api.olga.id,
               "X-Forwarded-For": "127.0.0.1", "Cookie": "role=admin; is_admin=true"}  # fmt: skip
    seen = area(api, alice.token, params=names, headers=headers)
    may_not(seen, "a user who writes the role into headers and parameters")
    bare = forge.forge(api.olga.token, key, {"roles": [], "role": "user", "is_admin": False})
    admits(area(api, bare), "Olga, whatever her token claims: the database says that she is one")


@check(
    "Who is made an admin is one at once, with the token from before",
    task=1,
    points=1,
    catches="MT-10",
    why="an admin who has to log in again will think that the promotion failed",
    see="OWASP ASVS 5.0 V8.3.2",
    after=("admin_manages_users",),
)
def test_promoted_at_once(api: Api) -> None:
    bob = api.bob
    name_admins(api, olga(api))
    may_not(area(api, bob.token), "Bob, who has no role yet")
    expect(assign(api, bob, "admin")).status(200)
    admits(area(api, bob.token), "Bob's old token, now that he is an admin")


@check(
    "Who was an admin is none at once, with the token from before",
    task=1,
    points=2,
    catches="AZ-11 MT-10",
    why="a dismissed Mallory keeps her token, and with it all the power that the token carries",
    see="OWASP ASVS 5.0 V8.3.2",
    after=("admin_manages_users",),
)
def test_demoted_at_once(api: Api) -> None:
    bob = api.bob
    name_admins(api, olga(api), bob)
    token = bob.new_token()
    admits(area(api, token), "Bob, who is an admin")
    expect(assign(api, bob)).status(200)
    may_not(area(api, token), "the token of an admin who was demoted a moment ago")
    name_admins(api, olga(api), bob)
    admits(area(api, token), "Bob, whose role another process of the service has stored")
    store_roles(api, bob)
    may_not(area(api, token), "Bob, whose role another process of the service has taken away")


@check(
    "A role that only looks like admin is none",
    task=1,
    points=1,
    catches="AZ-12 AZ-20",
    why='`"admin" in role` is true for admin-assistant: compare whole names',
    see="CWE-697",
    after=("admin_manages_users",),
)
def test_look_alikes(api: Api) -> None:
    clerk = api.register("clerk")
    name_admins(api, olga(api))
    for role in LOOK_ALIKES[:3]:  # a role that there is not may be refused, too
        expect(assign(api, clerk, role)).status(200, 422)
    store_roles(api, clerk, *LOOK_ALIKES)
    seen = area(api, clerk.new_token())
    for role in LOOK_ALIKES if seen.status != 403 else ():  # which one was it?
        store_roles(api, clerk, role)
        may_not(area(api, clerk.new_token()), f"a user whose only role is “{role}”")
    may_not(seen, f"a user with the roles {', '.join(LOOK_ALIKES[:4])}, …")
    store_roles(api, clerk, *LOOK_ALIKES, "admin")
    admits(area(api, clerk.token), "the same user with one more role: admin")


# -- your turn 2 -----------------------------------------------------------------------------------


@check(
    "GET /users shows all users to an admin, and nothing to anybody else",
    task=2,
    points=1,
    catches="AZ-10 IL-08",
    why="a list of all names and addresses is what a thief asks for first",
    see="OWASP API5:2023",
    after=("admin_area",),
)
def test_list_is_for_admins(api: Api) -> None:
    alice, bob = api.alice, api.bob
    name_admins(api, olga(api))
    may_not(api.get("/users", token=alice.token), "a user who asks for the list of all users")
    expect(api.get("/users")).refused("")
    seen = api.get("/users", token=api.olga.token)
    expect(seen).status(200)
    listed = seen.json if isinstance(seen.json, list) else []
    found = {one.get("id"): one for one in listed if isinstance(one, dict)}
    for person, roles in ((alice, []), (bob, []), (api.olga, ["admin"])):
        one = found.get(person.id)
        if not one:
            expect(seen).fail(f"a list of users with {person.username} in it", seen.text[:80])
        if set(one) != set(USER):
            expect(seen).fail(f"the fields {', '.join(USER)} for each user", ", ".join(one))
        if (one["email"], one["roles"]) != (person.email, roles):
            expect(seen).fail(f"{person.username} with the roles {roles}", f"{one}"[:80])
    expect(seen).hides("$2b$", "$argon2")


@check(
    "Nobody but an admin gives or takes roles",
    task=2,
    points=1,
    catches="AZ-10 AZ-16 AZ-21",
    why="who may hand out rights has all of them: this route is the crown itself",
    see="OWASP API5:2023",
    after=("admin_manages_users",),
)
def test_roles_are_given_by_admins(api: Api) -> None:
    mallory, boss = api.mallory, olga(api)
    name_admins(api, boss)
    for person, roles, what in (
        (mallory, ["admin"], "a user who makes herself an admin"),
        (boss, [], "a user who takes the admin's role away"),
    ):
        body = {"roles": roles}
        may_not(api.put(f"/users/{person.id}/roles", token=mallory.token, json=body), what)
        expect(api.put(f"/users/{person.id}/roles", json=body)).refused("")
        if roles_of(api, person) != (["admin"] if person is boss else []):
            expect(api.exchanges[-2]).fail("403 and nothing changed", "403, and it was done")
    expect(assign(api, mallory, "admin")).status(200)
    expect(assign(api, mallory)).status(200)


@check(
    "Nobody but an admin locks users out or in",
    task=2,
    points=1,
    catches="AZ-10 AZ-21",
    why="who can lock the admin out has the house for herself",
    see="OWASP API5:2023",
    after=("admin_manages_users",),
)
def test_locks_are_for_admins(api: Api) -> None:
    mallory, boss, bob = api.mallory, olga(api), api.bob
    name_admins(api, boss, bob)  # so that she is not the last
    path = f"/users/{boss.id}/disabled"
    seen = api.put(path, token=mallory.token, json={"disabled": True})
    may_not(seen, "a user who locks the admin out")
    expect(api.put(path, json={"disabled": True})).refused("")
    admits(area(api, boss.token), "Olga: nothing may change when the answer is 403")
    name_admins(api, boss)


@check(
    "Each admin route asks who is calling before anything else",
    task=2,
    points=1,
    catches="AZ-10 AZ-19 AZ-21 AZ-26",
    why="one forgotten route is enough; a guard for the whole router forgets none",
    see="OWASP API5:2023",
    after=(test_list_is_for_admins, test_roles_are_given_by_admins, test_locks_are_for_admins),
)
def test_every_admin_route(api: Api) -> None:
    alice, forged = api.alice, forge.forge(olga(api).token, kept.OTHER_KEY)
    name_admins(api, api.olga)
    for request in changing_routes(api, MISSING):
        expect(sent(api, request, None)).refused("")
        expect(sent(api, request, forged)).refused("invalid_token")
        what = "a user without the role"
        may_not(sent(api, request, alice.token), f"{what}, for an id that nobody has, too")
    for method, path in sorted(listed_routes(api) - KNOWN):
        if path.startswith("/notes/") or (method == "PUT" and path.startswith("/users/")):
            continue
        seen = api.call(method, path.replace("{", "").replace("}", ""))
        if seen.status != 401:
            expect(seen).fail("401: each route but /register, /login and /token wants a token")
    admits(area(api, api.olga.token), "Olga")


def listed_routes(api: Api) -> set[tuple[str, str]]:
    """Return the routes that the service says it has."""
    paths = api.get("/openapi.json").json
    paths = paths.get("paths") if isinstance(paths, dict) else {}
    listed = paths.items() if isinstance(paths, dict) else ()
    return {(method.upper(), path) for path, asked in listed for method in asked}


@check(
    "No other spelling and no other method opens an admin route",
    task=2,
    points=1,
    catches="AZ-14 AZ-15",
    why="a guard that compares addresses is passed by an address that is spelled another way",
    see="CWE-289",
    after=(test_list_is_for_admins,),
)
def test_other_spellings(api: Api) -> None:
    alice, bob = api.alice, api.bob
    name_admins(api, olga(api))
    spelled = ("/Admin", "//admin", "/admin/", "/%61dmin", "/admin;x", "/users/", "//users",
               "/%75sers", "/users?x=/register")  # fmt: skip
    other = [("GET", path) for path in spelled]
    other += [("HEAD", "/admin"), ("HEAD", "/users"), ("DELETE", "/users")]
    paths = (f"/users/{alice.id}/roles", f"/users/{alice.id}/%72oles")
    other += [("PATCH", paths[0]), ("POST", paths[0]), ("PUT", paths[1])]
    other += [("DELETE", f"/users/{bob.id}"), ("GET", f"/users/{bob.id}")]
    body, override = {"roles": ["admin"]}, {"X-HTTP-Method-Override": "PUT"}
    for method, path in other:
        change = {"json": body, "headers": override} if "roles" in path else {}
        seen = api.call(method, path, token=alice.token, **change)
        expect(seen).no_crash()
        if 200 <= seen.status < 300:
            expect(seen).fail("a refusal for a user without the role, however it is spelled")
    if roles_of(api, alice):
        expect(api.exchanges[-1]).fail("no role for Alice", f"{roles_of(api, alice)}")
    expect(api.get("/users/me", token=bob.token)).status(200)
    admits(area(api, api.olga.token), "Olga")


# -- your turn 3 -----------------------------------------------------------------------------------


@check(
    "POST /users opens an account for somebody else",
    task=3,
    points=1,
    catches="PW-01 CU-14",
    why="the admin chose this password and knows it: no answer, log or file has to repeat it",
    see="OWASP API3:2023",
    after=("admin_area",),
)
def test_admin_creates_users(api: Api) -> None:
    name_admins(api, olga(api))
    person = api.new_person("hired")
    person.password = secrets.token_hex(12)
    seen = api.post("/users", token=api.olga.token, json=person.registration)
    expect(seen).status(201).hides(person.password, "$2b$", "$argon2").only(*USER)
    expect(seen).fields(
        username=person.username, email=person.email, full_name=person.full_name, roles=[]
    )
    person.id = expect(seen).text_field("id")
    rows = api.stored.rows("SELECT password_hash FROM users WHERE id = ?", person.id)
    if not rows or person.password in str(rows[0]["password_hash"]):
        expect(seen).fail("an account in the table users, with a hash of the password")
    seen = api.get("/users/me", token=person.new_token())
    expect(seen).status(200).fields(id=person.id, email=person.email)


@check(
    "POST /users keeps the rules of /register",
    task=3,
    points=1,
    catches="PW-17 PW-22",
    why="two doors to one table: a look-alike name that one door lets in, the other let in as well",
    see="CWE-1007",
    after=(test_admin_creates_users,),
)
def test_admin_keeps_the_rules(api: Api) -> None:
    alice, token = api.alice, olga(api).token
    name_admins(api, api.olga)
    fresh = api.new_person("rival").registration
    for name in (alice.username, alice.username.upper()):
        expect(api.post("/users", token=token, json=fresh | {"username": name})).status(409)
    for change in ({"password": "k1te-!"}, {"username": "al ice"}, {"email": "nowhere"}):
        seen = api.post("/users", token=token, json=fresh | change)
        expect(seen).status(422).hides("k1te-!", fresh["password"])


@check(
    "POST /users gives no role and takes no id",
    task=3,
    points=1,
    catches="AZ-16",
    why="rights are given at one place only, and there they are counted",
    see="OWASP API3:2023",
    after=(test_admin_creates_users,),
)
def test_admin_creates_plain_users(api: Api) -> None:
    name_admins(api, olga(api))
    person = api.new_person("hired")
    more = {"roles": ["admin"], "role": "admin", "is_admin": True, "id": MISSING, "disabled": True}
    seen = api.post("/users", token=api.olga.token, json=person.registration | more)
    if expect(seen).status(201, 422).exchange.status == 422:  # refused whole: fair as well
        seen = api.post("/users", token=api.olga.token, json=person.registration)
    person.id = expect(seen).status(201).fields(roles=[]).text_field("id")
    if person.id == MISSING:
        expect(seen).fail("an id that the service made", f"{person.id}, as in the body")
    may_not(area(api, person.token), "a user who was created a moment ago")


@check(
    "An admin may change anybody's name and e-mail address; others only their own",
    task=3,
    points=1,
    catches="AZ-05 AZ-16",
    why="an admin helps out; who is none must not even learn which ids exist",
    file="app.py",
    see="OWASP API1:2023",
    after=("admin_area",),
)
def test_admin_changes_others(api: Api) -> None:
    alice, bob, boss = api.alice, api.bob, olga(api)
    name_admins(api, boss)
    bob.full_name, bob.email = "Bob Newname", f"bob-{secrets.token_hex(8)}@example.com"
    change = {"full_name": bob.full_name, "email": bob.email}
    body = change | {"roles": ["admin"], "disabled": True}
    if (seen := api.put(f"/users/{bob.id}", token=boss.token, json=body)).status == 422:
        seen = api.put(f"/users/{bob.id}", token=boss.token, json=change)
    expect(seen).status(200).only(*USER).fields(**change, id=bob.id, roles=[])
    expect(api.get("/users/me", token=bob.token)).status(200).fields(**change, roles=[])
    expect(api.put(f"/users/{MISSING}", token=boss.token, json=change)).status(404)
    store_roles(api, alice, "admin-assistant")
    unknown = api.put(f"/users/{MISSING}", token=alice.token, json=change)
    seen = api.put(f"/users/{bob.id}", token=alice.token, json=change | {"full_name": "Not Bob"})
    expect(seen).status(404)
    if seen.text != unknown.text:
        expect(seen).fail("the answer that an unknown id gets", seen.text[:80])
    expect(api.get("/users/me", token=bob.token)).fields(**change)


# -- your turn 4 -----------------------------------------------------------------------------------


@check(
    "The last admin cannot be demoted",
    task=4,
    points=1,
    catches="AZ-17",
    why="naming an admin takes an admin: without one, nobody can run the service any more",
    see="a rule of this service",
    after=("admin_manages_users",),
)
def test_last_admin_keeps_the_role(api: Api) -> None:
    boss = olga(api)
    name_admins(api, boss)
    expect(assign(api, boss, "admin")).status(200).fields(roles=["admin"])
    stays(api, assign(api, boss), 409)
    stays(api, assign(api, boss, "admin-assistant"), 409, 422)


def stays(api: Api, seen: Exchange, *allowed: int) -> None:
    """The last admin was not removed: the answer says so, and the tables say so."""
    expect(seen).status(*allowed)
    if not admins(api):
        expect(seen).fail(f"{allowed[0]} and nothing changed", f"{seen.status}, and it was done")


@check(
    "The last admin cannot be disabled",
    task=4,
    points=1,
    catches="AZ-17",
    why="an admin who cannot log in can name no other",
    see="a rule of this service",
    after=("admin_manages_users",),
)
def test_last_admin_stays_in(api: Api) -> None:
    boss = olga(api)
    name_admins(api, boss)
    path = f"/users/{boss.id}/disabled"
    expect(api.put(path, token=boss.token, json={"disabled": False})).status(200)
    stays(api, api.put(path, token=boss.token, json={"disabled": True}), 409)
    admits(area(api, boss.token), "Olga, who is the last admin")


@check(
    "The last admin cannot close the account",
    task=4,
    points=1,
    catches="AZ-17",
    why="there are three ways to lose an admin, and the third is another route",
    file="store.py and roles.py",
    see="a rule of this service",
    after=("admin_manages_users",),
)
def test_last_admin_is_not_deleted(api: Api) -> None:
    boss, heir = olga(api), api.register("heir")
    name_admins(api, heir)  # so that Olga is not lost
    stays(api, api.delete("/users/me", token=heir.token), 409)
    admits(area(api, heir.token), "the last admin")
    name_admins(api, boss, heir)
    expect(api.delete("/users/me", token=heir.token)).status(204)


@check(
    "Only an admin who can log in counts",
    task=4,
    points=1,
    catches="AZ-17",
    why="a second admin who is locked out, or is only called one, can name nobody",
    see="a rule of this service",
    after=(test_last_admin_keeps_the_role, test_last_admin_stays_in),
)
def test_only_working_admins_count(api: Api) -> None:
    boss, heir, clerk = olga(api), api.register("heir"), api.register("clerk")
    name_admins(api, boss, heir)
    store_roles(api, clerk, "admin-assistant")
    path = f"/users/{heir.id}/disabled"
    expect(api.put(path, token=boss.token, json={"disabled": True})).status(200)
    stays(api, assign(api, boss), 409)
    expect(assign(api, heir)).status(200)  # who is locked out may be demoted
    name_admins(api, boss, heir)
    expect(assign(api, boss)).status(200).fields(roles=[])  # of two, one may go
    name_admins(api, boss)


ROUNDS = (("roles", {"roles": []}),) * 4 + (("disabled", {"disabled": True}),) * 2
"""What each of two admins does to the other, again and again: chance decides who is first."""


@check(
    "Of two admins who dismiss each other at one moment, one stays",
    task=4,
    points=2,
    catches="AZ-17",
    why="who counts first and changes later sees an admin who is being dismissed at that moment",
    see="CWE-367",
    after=(test_last_admin_keeps_the_role, test_last_admin_stays_in),
)
def test_one_admin_stays(api: Api) -> None:
    boss, heir = olga(api), api.register("heir")
    assert boss.token
    assert heir.token
    for what, body in ROUNDS:
        name_admins(api, boss, heir)
        requests = [
            made("PUT", f"/users/{other.id}/{what}", token=one.token, json=body)
            for one, other in ((boss, heir), (heir, boss))
        ]
        seen = api.at_once(*requests)
        for one in seen:
            expect(one).status(200, 401, 403, 409)
        if not admins(api):
            name_admins(api, boss)
            expect(seen[0]).fail(
                "one admin to stay", "none: each of two requests at one moment took the other"
            )
    name_admins(api, boss)
