"""Lesson 9: an admin may do what others may not, and one admin always stays."""

from __future__ import annotations

import re
import secrets
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.grading.verdicts import NotReached
from workbook.talking.exchange import Request, request

USER = ("id", "username", "email", "full_name", "roles")
MISSING = "nobody-has-this-id"
LOOK_ALIKES = ("admin-assistant", "not-admin", "administrator", "super-admin", "Admin", "ADMIN",
               " admin", "admin ", "\tadmin", "admin,user", "user", "a", "")  # fmt: skip
"""Roles that are not `admin`, however much they look like it."""
MANY = 101
"""More users than a list that comes in pages shows at once."""
KNOWN = {("POST", path) for path in ("/register", "/login", "/token", "/introspect", "/notes")}
KNOWN |= {("GET", path) for path in ("/profile", "/protected", "/users/me", "/notes")}
KNOWN |= {("GET", "/admin"), ("GET", "/users"), ("POST", "/users"), ("DELETE", "/users/me")}
KNOWN |= {(method, "/notes/{}") for method in ("GET", "PUT", "DELETE")}
KNOWN |= {("PUT", f"/users/{{}}{end}") for end in ("", "/roles", "/disabled")}
"""Routes that are asked by name; `{}` stands for any parameter."""


# -- asking ----------------------------------------------------------------------------------


def wants(seen: Exchange, status: int, sentence: str) -> None:
    """The answer has this status; if not, the sentence tells why it should have."""
    if seen.status in (0, 501):
        expect(seen).status(status)
    if seen.status != status:
        expect(seen).fail(sentence)


def may_not(seen: Exchange, what: str) -> None:
    """The caller is known, and refused."""
    wants(seen, 403, f"403 for {what}")


def admits(seen: Exchange, what: str) -> None:
    """The caller, an admin, was let in."""
    wants(seen, 200, f"200 for {what}")


def area(api: Api, token: str, **sent: Any) -> Exchange:
    """Ask for the admin area."""
    return api.get("/admin", token=token, **sent)


def assign(api: Api, person: Person, *roles: str) -> Exchange:
    """Let Olga give a person exactly these roles."""
    return api.put(f"/users/{person.id}/roles", token=olga(api).token, json={"roles": list(roles)})


def changing_routes(api: Api, user_id: str) -> tuple[Request, ...]:
    """Return a good request to every admin route that changes something, without a token."""
    newcomer = nobody_yet(api, "newcomer")
    return (
        request("PUT", f"/users/{user_id}/roles", json={"roles": ["admin"]}),
        request("PUT", f"/users/{user_id}/disabled", json={"disabled": True}),
        request("POST", "/users", json=newcomer.registration),
    )


def sent(
    api: Api,
    request: Request,
    token: str | None,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
) -> Exchange:
    """Send a request with this token, and with these headers and parameters."""
    every = [*request.headers, *(headers or {}).items()]
    return api.call(
        request.method, request.path, body=request.body, headers=every, token=token, params=params
    )


# -- who is an admin -----------------------------------------------------------------------------


def olga(api: Api) -> Person:
    """Return Olga, with her id."""
    if not api.olga.id:
        body = api.get("/users/me", token=api.olga.token).json
        api.olga.id = str(body.get("id")) if isinstance(body, dict) else ""
    return api.olga


def nobody_yet(api: Api, name: str) -> Person:
    """Return somebody who is not registered, with a name that nobody can know beforehand."""
    person = api.new_person(f"{name}-{secrets.token_hex(8)}")
    person.password = secrets.token_hex(12)
    person.full_name = f"{name.capitalize()} Example"
    return person


def newcomer(api: Api, name: str) -> Person:
    """Register somebody new, with a name that nobody can know beforehand."""
    person = nobody_yet(api, name)
    seen = api.post("/register", json=person.registration)
    person.id = expect(seen).status(201).text_field("id")
    return person


def hidden(api: Api, name: str) -> Person:
    """Return a user with such a name, registered when first asked for."""
    known = f"hidden {name}"
    if known not in api.people:
        api.people[known] = newcomer(api, name)
    return api.people[known]


Tables = dict[str, set[str]]


def tables(api: Api) -> Tables:
    """Return what is stored of users, roles and notes, by table."""
    questions = {
        "users": "SELECT id, username, email, full_name, password_hash, disabled FROM users",
        "user_roles": "SELECT user_id, role FROM user_roles",
        "notes": "SELECT id, owner_id, title, body FROM notes",
    }
    return {
        name: {repr(row) for row in api.stored.rows(asked)} for name, asked in questions.items()
    }


def unchanged(api: Api, before: Tables, seen: Exchange) -> None:
    """The refusal is one: it changed nothing in the tables."""
    if tables(api) != before:
        expect(seen).fail(f"{seen.status} and nothing changed", f"{seen.status}, and it was done")


def roles_of(api: Api, person: Person) -> list[str]:
    """Return a person's roles as they are stored."""
    found = api.stored.rows("SELECT role FROM user_roles WHERE user_id = ?", person.id)
    return sorted(str(row["role"]) for row in found)


def store_roles(api: Api, person: Person, *roles: str) -> None:
    """Store exactly these roles of a person, as another process of the service would."""
    api.stored.change("DELETE FROM user_roles WHERE user_id = ?", person.id)
    try:
        insert(api, [(person.id, role) for role in roles])
    except NotReached:  # a database may know which roles there are, and refuse the others
        for role in roles:
            if role == "admin":
                insert(api, [(person.id, role)])
            else:
                kept.give_role(person, role)


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


def posing(api: Api, person: Person) -> list[tuple[str, dict[str, Any]]]:
    """Return ways to pass for an admin: what a person does, and what they send with a request."""
    lists = {"roles": ["admin"], "groups": ["admin"], "permissions": ["admin"], "is_admin": True}
    words = {"roles": "admin", "role": "admin", "scope": "admin", "admin": True, "username": "olga"}
    names = {"role": "admin", "roles": "admin", "is_admin": "true", "admin": "1"}
    headers = {"X-Role": "admin", "X-Roles": "admin", "X-User": "olga", "X-User-Id": olga(api).id,
               "X-Forwarded-For": "127.0.0.1", "Cookie": "role=admin; is_admin=true"}  # fmt: skip
    ways: list[tuple[str, dict[str, Any]]] = [
        (
            f"a user whose token claims {', '.join(claims)}",
            {"token": forge.forge(person.token, api.secret_key, claims)},
        )
        for claims in (lists, words)
    ]
    what = "a user who writes the role into headers and parameters"
    return [*ways, (what, {"token": person.token, "headers": headers, "params": names})]


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
    for what, more in posing(api, hidden(api, "mallory")):
        may_not(area(api, **more), what)
    claims = {"roles": [], "role": "user", "is_admin": False}
    bare = forge.forge(api.olga.token, api.secret_key, claims)
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
    bob = hidden(api, "bob")
    name_admins(api, olga(api))
    may_not(area(api, bob.token), "Bob, who has no role yet")
    expect(assign(api, bob, "admin")).status(200)
    admits(area(api, bob.token), "Bob's old token, now that he is an admin")


@check(
    "Who was an admin is none at once, with the token from before",
    task=1,
    points=1,
    catches="AZ-11 MT-10",
    why="a dismissed Mallory keeps her token, and with it all the power that the token carries",
    see="OWASP ASVS 5.0 V8.3.2",
    after=("admin_manages_users",),
)
def test_demoted_at_once(api: Api) -> None:
    bob = hidden(api, "bob")
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
    clerk = hidden(api, "clerk")
    name_admins(api, olga(api))
    for role in LOOK_ALIKES[:7]:  # a role that there is not may be refused, too
        seen = assign(api, clerk, role)
        expect(seen).status(200, 422)
        if "admin" in roles_of(api, clerk):
            expect(seen).fail(f"“{role}” as it is, or 422", "the role admin in the table")
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
    alice, bob = hidden(api, "alice"), hidden(api, "bob")
    name_admins(api, olga(api))
    may_not(api.get("/users", token=alice.token), "a user who asks for the list of all users")
    expect(api.get("/users")).refused("")
    api.stored.disable(bob.username)
    with more_users(api) as others:
        seen = api.get("/users", token=api.olga.token)
    admits(seen, "Olga, an admin, who asks for the list")
    listed = seen.json if isinstance(seen.json, list) else []
    found = {str(one.get("id")): one for one in listed if isinstance(one, dict)}
    if alice.id in found and bob.id not in found:
        expect(seen).fail("a list with Bob in it, who is locked out", "one without")
    for person in (alice, bob, api.olga):
        one = found.get(person.id)
        if not one:
            expect(seen).fail(f"a list of users with {person.username} in it", "one without")
        if set(one) != set(USER):
            expect(seen).fail(f"the fields {', '.join(USER)} for each user", ", ".join(one))
        if person is api.olga:
            if not isinstance(one["roles"], list) or "admin" not in one["roles"]:
                expect(seen).fail("olga with the role admin", f"the roles {one['roles']}")
        elif (one["email"], one["roles"]) != (person.email, []):
            right = f"{person.username} with {person.email} and no role"
            expect(seen).fail(right, f"{one['email']} and {one['roles']}")
    if not others <= found.keys():
        expect(seen).fail("a list of all users", "one that lacks some of them")
    expect(seen).hides("$2b$", "$argon2")
    name_admins(api, api.olga)


@contextmanager
def more_users(api: Api) -> Iterator[set[str]]:
    """Store so many users that a list in pages does not show all; give their ids; remove them."""
    # Hexadecimal: fit for a column that holds a UUID, too.
    ids = sorted(secrets.token_hex(16) for _ in range(MANY))
    row, places = ", ".join("?" * 6), ", ".join("?" * MANY)
    columns = "id, username, email, full_name, password_hash, disabled"
    insertion = f"INSERT INTO users ({columns}) VALUES {', '.join([f'({row})'] * MANY)}"  # noqa: S608
    names = [f"zz-{secrets.token_hex(8)}" for _ in ids]
    (form,) = api.stored.rows("SELECT password_hash FROM users WHERE id = ?", api.olga.id)
    rows = [
        (one, name, f"{name}@example.com", "Somebody", form["password_hash"], False)
        for one, name in zip(ids, names, strict=True)
    ]
    api.stored.change(insertion, *(value for one in rows for value in one))
    try:
        yield {one["id"] for one in api.stored.rows("SELECT id FROM users")} & set(ids)
    finally:
        api.stored.change(f"DELETE FROM users WHERE id IN ({places})", *ids)  # noqa: S608


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
    mallory, bob, boss = hidden(api, "mallory"), hidden(api, "bob"), olga(api)
    name_admins(api, boss)
    for person, roles, what in (
        (mallory, ["admin"], "a user who makes herself an admin"),
        (boss, [], "a user who takes the admin's role away"),
        (bob, ["admin"], "a user who makes another user an admin"),
    ):
        body, before = {"roles": roles}, tables(api)
        seen = api.put(f"/users/{person.id}/roles", token=mallory.token, json=body)
        may_not(seen, what)
        unchanged(api, before, seen)
        expect(api.put(f"/users/{person.id}/roles", json=body)).refused("")
        unchanged(api, before, api.exchanges[-1])
    admits(assign(api, mallory, "admin"), "Olga, an admin, who gives Mallory the role")
    store_roles(api, mallory, "clerk")  # by another process: it goes, too
    has_exactly(assign(api, mallory, "admin"), mallory, "admin")
    seen = assign(api, mallory, "admin", "clerk")
    if expect(seen).status(200, 422).exchange.status == 200:  # a role that there is not: fair, too
        has_exactly(seen, mallory, "admin", "clerk")
        has_exactly(assign(api, mallory, "clerk"), mallory, "clerk")
    expect(assign(api, mallory, "admin", "admin")).status(200, 422)  # one role, named twice
    admits(assign(api, mallory), "Olga, an admin, who takes Mallory's role away")
    has_exactly(api.exchanges[-1], mallory)


def has_exactly(seen: Exchange, person: Person, *roles: str) -> None:
    """The person now has these roles and no other, in the answer and in the table."""
    admits(seen, f"Olga, an admin, who gives Mallory the roles {list(roles)}")
    body = seen.json if isinstance(seen.json, dict) else {}
    for place, found in (("answer", body.get("roles")), ("table", roles_of(person.api, person))):
        if not isinstance(found, list) or sorted(map(str, found)) != sorted(roles):
            got = sorted(map(str, found)) if isinstance(found, list) else found
            expect(seen).fail(f"exactly the roles {list(roles)}", f"{got} in the {place}")


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
    mallory, bob, boss = hidden(api, "mallory"), hidden(api, "bob"), olga(api)
    heir, away = hidden(api, "heir"), hidden(api, "away")
    name_admins(api, boss, heir)  # so that she is not the last
    api.stored.disable(away.username)
    for person, disabled, what in (
        (boss, True, "a user who locks the admin out"),
        (bob, True, "a user who locks another user out"),
        (away, False, "a user who lets another user in again"),
    ):
        path, body, before = f"/users/{person.id}/disabled", {"disabled": disabled}, tables(api)
        seen = api.put(path, token=mallory.token, json=body)
        may_not(seen, what)
        unchanged(api, before, seen)
        expect(api.put(path, json=body)).refused("")
        unchanged(api, before, api.exchanges[-1])
    name_admins(api, boss)
    admits(area(api, boss.token), "Olga")


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
    alice, forged = hidden(api, "alice"), forge.forge(olga(api).token, kept.OTHER_KEY)
    name_admins(api, api.olga)
    for asked_for in changing_routes(api, MISSING):
        before = tables(api)
        expect(sent(api, asked_for, None)).refused("")
        expect(sent(api, asked_for, forged)).refused("invalid_token")
        seen = sent(api, asked_for, alice.token)
        may_not(seen, "a user without the role, for an id that nobody has, too")
        unchanged(api, before, seen)
        odd = request(asked_for.method, asked_for.path, json={"roles": 7, "disabled": "perhaps"})
        may_not(sent(api, odd, alice.token), "a user without the role, whatever the body is")
    for (method, path), asked in own_routes(api).items():
        where = address(api, path, asked)
        seen = api.call(method, where)
        unknown = seen.status == 404 and api.call(method, where, token=alice.token).status == 404
        if seen.status != 401 and not unknown:
            expect(seen).fail("401: each route but /register, /login and /token wants a token")
    admits(area(api, api.olga.token), "Olga")


def own_routes(api: Api) -> dict[tuple[str, str], Any]:
    """Return the routes that the service lists beyond those of the brief, and what each takes."""
    paths = inside(api.get("/openapi.json").json, "paths")
    methods = ("get", "post", "put", "patch", "delete")
    listed = {
        (method.upper(), path): inside(paths, path, method)
        for path in sorted(paths)
        for method in methods
        if method in inside(paths, path)
    }
    known = {one for one in listed if (one[0], re.sub(r"\{[^}]*\}", "{}", one[1])) in KNOWN}
    return {one: listed[one] for one in listed if one not in known}


def parameters(asked: dict[str, Any], place: str) -> dict[str, str]:
    """Return the types of a route's parameters in the path or the query, by name."""
    listed = asked.get("parameters")
    return {
        str(one.get("name")): str(inside(one, "schema").get("type"))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("in") == place
    }


def address(api: Api, path: str, asked: dict[str, Any]) -> str:
    """Fill the parameters of a path: the id of Bob, or of a note of his."""
    bob, types = hidden(api, "bob"), parameters(asked, "path")
    names = re.findall(r"\{([^}]*)\}", path)
    numbers = [name for name in names if "note" in name or types.get(name) == "integer"]
    question = "SELECT id FROM notes WHERE owner_id = ?"
    if numbers and not api.stored.rows(question, bob.id):
        note = {"title": "Bob's", "body": f"For {bob.email}"}
        expect(api.post("/notes", token=bob.token, json=note)).status(201)
    note_id = str(api.stored.rows(question, bob.id)[0]["id"]) if numbers else ""
    for name in names:
        path = path.replace(f"{{{name}}}", note_id if name in numbers else bob.id)
    return path


def inside(value: Any, *names: str) -> dict[str, Any]:
    """Return an object that stands in another, or an empty one."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


@check(
    "Every admin route asks for the role in the same way",
    task=2,
    points=1,
    catches="AZ-10 AZ-11 AZ-12 MT-10",
    why="a second guard that asks less is a second way in",
    see="OWASP API5:2023",
    after=("claims_make_no_admin", "demoted_at_once", "look_alikes", test_every_admin_route),
)
def test_routes_ask_alike(api: Api) -> None:
    boss, bob, clerk, now = olga(api), hidden(api, "bob"), hidden(api, "clerk"), int(time.time())
    name_admins(api, boss, bob)
    once = bob.new_token()
    admits(api.get("/users", token=once), "Bob, who is an admin")
    change = {"full_name": "Not Alice", "email": "not-alice@example.com"}
    others = request("PUT", f"/users/{hidden(api, 'alice').id}", json=change)
    alice = hidden(api, "alice")
    same = {"full_name": alice.full_name, "email": alice.email}
    seen = api.put(others.path, token=once, json=same)
    admits(seen, "Bob, an admin, who changes another's account")
    name_admins(api, boss)
    store_roles(api, clerk, *LOOK_ALIKES)
    ways = posing(api, hidden(api, "mallory"))
    ways += [("the token of an admin who was demoted a moment ago", {"token": once})]
    look_alikes = f"a user with the roles {', '.join(LOOK_ALIKES[:4])}, …"
    ways += [(look_alikes, {"token": clerk.new_token()})]
    routes = (request("GET", "/users"), *changing_routes(api, hidden(api, "alice").id))
    for asked_for in routes:
        before = tables(api)
        for what, more in ways:
            seen = sent(api, asked_for, **more)
            may_not(seen, what)
            unchanged(api, before, seen)
        ended = kept.resigned(boss, iat=now - 900, exp=now - 5)
        seen = sent(api, asked_for, ended)
        wants(seen, 401, "401 for Olga's token, which has ended")
        expect(seen).refused("invalid_token")
    before = tables(api)
    for what, more in ways:
        seen = sent(api, others, **more)
        wants(seen, 404, f"404 for {what}, who changes another's account")
        unchanged(api, before, seen)
    name_admins(api, boss, bob)
    api.stored.disable(bob.username)
    before = tables(api)
    for asked_for in routes:
        seen = sent(api, asked_for, once)
        wants(seen, 401, "401 for an admin whose account is disabled")
        unchanged(api, before, seen)
    name_admins(api, boss)
    admits(api.get("/users", token=boss.token), "Olga, an admin, who asks for the list")


@check(
    "No other spelling, method or route opens what belongs to the admins",
    task=2,
    points=1,
    catches="AZ-14 AZ-15",
    why="a guard that compares addresses is passed by an address that is spelled another way",
    see="CWE-289",
    after=(test_list_is_for_admins,),
)
def test_other_spellings(api: Api) -> None:
    alice, bob = hidden(api, "alice"), hidden(api, "bob")
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
    for (method, path), asked in own_routes(api).items():
        own_route_is_harmless(api, method, path, asked)


def own_route_is_harmless(api: Api, method: str, path: str, asked: Any) -> None:
    """A route beyond the brief shows a user nothing of Bob, and changes nothing of anybody's."""
    bob, visitor = hidden(api, "bob"), newcomer(api, "visitor")
    schemas = inside(api.get("/openapi.json").json, "components", "schemas")
    content = inside(asked, "requestBody", "content")
    filled: dict[str, Any] = {}
    form = "application/x-www-form-urlencoded"
    if form in content:
        body = fitting(inside(content, form, "schema"), schemas, bob)
        filled["form"] = {name: str(value) for name, value in inside({"": body}, "").items()}
    elif method in ("POST", "PUT", "PATCH"):
        filled["json"] = fitting(inside(content, "application/json", "schema"), schemas, bob)
    assert visitor.token
    where, before = address(api, path, asked), tables(api)
    kinds = {"integer": "1", "boolean": "true"}
    query = parameters(asked, "query")
    filled["params"] = {name: kinds.get(kind, bob.id) for name, kind in query.items()}
    seen = api.call(method, where, token=visitor.token, **filled)
    expect(seen).no_crash()
    if bob.email in seen.text:
        expect(seen).fail("nothing of Bob for another user", "his e-mail address")
    after = tables(api)
    lost = [row for name in before for row in before[name] - after[name] if visitor.id not in row]
    if lost or after["user_roles"] - before["user_roles"]:
        got = f"{seen.status}, and a change in the tables"
        expect(seen).fail("a route that changes nothing of another user", got)


def fitting(schema: Any, schemas: dict[str, Any], person: Person, depth: int = 0) -> Any:
    """Return a value that fits a schema of OpenAPI; what it names of a user is this person's."""
    known = {
        "disabled": True, "roles": ["admin"], "role": "admin", "is_admin": True,
        "email": f"taken-{secrets.token_hex(8)}@example.com", "full_name": "Not Bob",
        "username": f"taken-{secrets.token_hex(8)}", "password": secrets.token_hex(12),
        "id": person.id, "user_id": person.id,
    }  # fmt: skip
    if not isinstance(schema, dict) or depth > 5:
        return person.id
    if isinstance(name := schema.get("$ref"), str):
        return fitting(schemas.get(name.rpartition("/")[2]), schemas, person, depth + 1)
    for choice in ("allOf", "anyOf", "oneOf", "enum"):
        if isinstance(schema.get(choice), list) and schema[choice]:
            first = schema[choice][0]
            return first if choice == "enum" else fitting(first, schemas, person, depth + 1)
    if (kind := schema.get("type")) == "object" or not schema:
        fields = inside(schema, "properties")
        made_up = {name: fitting(fields[name], schemas, person, depth + 1) for name in fields}
        return {name: known.get(name, made_up[name]) for name in fields} or known
    if kind == "array":
        return [fitting(schema.get("items"), schemas, person, depth + 1)]
    return {"boolean": True, "integer": 1, "number": 1}.get(str(kind), person.id)


# -- your turn 3 -----------------------------------------------------------------------------------


DEARER = {"PASSWORD_ROUNDS": "5"}
"""A server whose hashes cost more than the cheapest, which the others make."""


@check(
    "POST /users opens an account for somebody else",
    task=3,
    points=1,
    catches="PW-01 PW-04 CU-14",
    why="the admin chose this password and knows it: no answer, log or file has to repeat it",
    see="OWASP API3:2023",
    after=("admin_area",),
    beside=DEARER,
)
def test_admin_creates_users(api: Api) -> None:
    name_admins(api, olga(api))
    person = nobody_yet(api, "hired")
    person.password = f" {person.password} Ab "
    seen = api.post("/users", token=api.olga.token, json=person.registration)
    wants(seen, 201, "201 for Olga, an admin, who opens an account")
    expect(seen).hides(person.password, "$2b$", "$argon2").only(*USER)
    expect(seen).fields(
        username=person.username, email=person.email, full_name=person.full_name, roles=[]
    )
    person.id = expect(seen).text_field("id")
    rows = api.stored.rows("SELECT password_hash FROM users WHERE id = ?", person.id)
    if not rows:
        expect(seen).fail("a row in the table users", "none")
    is_hashed(seen, person.password, str(rows[0]["password_hash"]))
    files = api.stored.files() | {"what the server prints": api.server.log.encode()}
    for name, text in files.items():
        if readable_in(text, person.password):
            where = re.sub(r"-(wal|shm|journal)$", "", name)
            expect(seen).fail("the password stored nowhere, only its hash", f"it in {where}")
    seen = api.get("/users/me", token=person.new_token())
    expect(seen).status(200).fields(id=person.id, email=person.email)
    with api.another(**DEARER) as dear:
        alice, hired = dear.alice, nobody_yet(dear, "hired")
        seen = dear.post("/users", token=dear.olga.token, json=hired.registration)
        wants(seen, 201, "201 for Olga, an admin, who opens an account")
        hers, other = (price_of(stored_hash(one)) for one in (alice, hired))
        if hers != other:
            expect(seen).fail(f"a hash as dear as those of /register, {hers}…", f"{other}…")


def stored_hash(person: Person) -> str:
    """Return what is stored of somebody's password."""
    question = "SELECT password_hash FROM users WHERE username = ?"
    rows = person.api.stored.rows(question, person.username)
    return str(rows[0]["password_hash"]) if rows else ""


def price_of(password_hash: str) -> str:
    """Return the part of a hash that tells its kind and its cost: all but salt and checksum."""
    found = HASHES.match(password_hash)
    return found[1] if found else password_hash[:4]


HASHES = re.compile(
    r"(\$2[aby]\$\d\d|\$bcrypt-sha256\$v=2,t=2b,r=\d+|\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+)\$"
)
"""How a hash of lesson 2 begins."""


def is_hashed(seen: Exchange, password: str, stored: str) -> None:
    """What is stored of a password is a hash, and not the password in other letters."""
    want = "a hash of the password in password_hash"
    if password in stored:
        expect(seen).fail(want, "the password itself in password_hash")
    if readable_in(stored.encode(), password):
        expect(seen).fail(want, "the password in other letters, which anybody can turn back")
    if not HASHES.match(stored):
        expect(seen).fail(f"{want}, by bcrypt or argon2id as in lesson 2", "another text")


def readable_in(text: bytes, password: str) -> bool:
    """Tell whether a password stands in a text: as it is, backwards, in base64 or in hex."""
    raw = password.encode()
    forms = [raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode()]
    for skipped in range(3):  # base64 looks different after one letter and after two
        touched = skipped + bool(skipped)
        forms.append(b64encode(b"\0" * skipped + raw)[touched:-4])
        forms.append(forms[-1].translate(bytes.maketrans(b"+/", b"-_")))
    return any(form in text for form in forms)


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
    alice, token = hidden(api, "alice"), olga(api).token
    name_admins(api, api.olga)
    fresh = nobody_yet(api, "rival").registration
    for name in (alice.username, alice.username.upper()):
        seen = api.post("/users", token=token, json=fresh | {"username": name})
        wants(seen, 409, "409: Alice has this name, in capitals or not")
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
    person = nobody_yet(api, "hired")
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
    alice, bob, boss = hidden(api, "alice"), hidden(api, "bob"), olga(api)
    name_admins(api, boss)
    bob.full_name, bob.email = "Bob Newname", f"bob-{secrets.token_hex(8)}@example.com"
    change = {"full_name": bob.full_name, "email": bob.email}
    body = change | {"roles": ["admin"], "disabled": True}
    if (seen := api.put(f"/users/{bob.id}", token=boss.token, json=body)).status == 422:
        seen = api.put(f"/users/{bob.id}", token=boss.token, json=change)
    admits(seen, "Olga, an admin, who changes Bob")
    expect(seen).only(*USER).fields(**change, id=bob.id, roles=[])
    expect(api.get("/users/me", token=bob.token)).status(200).fields(**change, roles=[])
    seen = api.put(f"/users/{MISSING}", token=boss.token, json=change)
    wants(seen, 404, "404 for Olga, and an id that nobody has")
    store_roles(api, alice, "admin-assistant")
    unknown = api.put(f"/users/{MISSING}", token=alice.token, json=change)
    seen = api.put(f"/users/{bob.id}", token=alice.token, json=change | {"full_name": "Not Bob"})
    wants(seen, 404, "404 for Alice, an assistant and no admin, who changes Bob")
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
    seen = assign(api, boss, "admin")
    admits(seen, "Olga, the last admin, who gets the same role again")
    expect(seen).fields(roles=["admin"])
    stays(api, assign(api, boss), 409)
    stays(api, assign(api, boss, "admin-assistant"), 409, 422)


def stays(api: Api, seen: Exchange, *allowed: int, who: str = "Olga") -> None:
    """The last admin was not removed: the answer says so, and the tables say so."""
    if seen.status not in allowed:
        wants(seen, 409, f"{' or '.join(map(str, allowed))}: {who} is the last admin")
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
    seen = api.put(path, token=boss.token, json={"disabled": False})
    admits(seen, "Olga, the last admin, who is let in though she was not out")
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
    boss, last = olga(api), newcomer(api, "last")
    name_admins(api, last)  # so that Olga is not lost
    stays(api, api.delete("/users/me", token=last.token), 409, who="the caller")
    admits(area(api, last.token), "the last admin")
    name_admins(api, boss, last)
    seen = api.delete("/users/me", token=last.token)
    wants(seen, 204, "204 for an admin who leaves while Olga is one, too")


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
    boss, heir, clerk = olga(api), hidden(api, "heir"), hidden(api, "clerk")
    name_admins(api, boss, heir)
    store_roles(api, clerk, "admin-assistant")
    path = f"/users/{heir.id}/disabled"
    seen = api.put(path, token=boss.token, json={"disabled": True})
    admits(seen, "Olga, who locks out one of two admins")
    stays(api, assign(api, boss), 409)
    admits(assign(api, heir), "Olga, who demotes an admin who is locked out")
    store_roles(api, clerk, *LOOK_ALIKES)
    stays(api, assign(api, boss), 409, who="Olga, beside one who is called Admin,")
    lock, last = {"disabled": True}, newcomer(api, "last")
    seen = api.put(f"/users/{boss.id}/disabled", token=boss.token, json=lock)
    stays(api, seen, 409, who="Olga, beside one who is called Admin,")
    name_admins(api, boss, heir)
    expect(api.put(path, token=boss.token, json=lock)).status(200)
    seen = api.put(f"/users/{boss.id}/disabled", token=boss.token, json=lock)
    stays(api, seen, 409, who="Olga, beside one who is locked out,")
    name_admins(api, last, heir)  # so that Olga is not lost
    expect(api.put(path, token=last.token, json=lock)).status(200)
    seen = api.delete("/users/me", token=last.token)
    stays(api, seen, 409, who="the caller, beside one who is locked out,")
    name_admins(api, boss, heir)
    seen = assign(api, boss)
    admits(seen, "Olga, one of two admins, who gives up the role")
    expect(seen).fields(roles=[])
    name_admins(api, boss)


DISMISSALS = (("roles", {"roles": []}), ("disabled", {"disabled": True}))
"""What each of two admins does to the other."""


@check(
    "Of two admins who dismiss each other at one moment, one stays",
    task=4,
    points=2,
    catches="AZ-17",
    why="who counts first and changes later sees an admin who is being dismissed at that moment",
    see="CWE-367",
    after=(
        test_last_admin_keeps_the_role,
        test_last_admin_stays_in,
        test_last_admin_is_not_deleted,
    ),
)
def test_one_admin_stays(api: Api) -> None:
    boss, heir = olga(api), hidden(api, "heir")
    assert heir.token
    name_admins(api, boss)
    other = api.worker()
    admits(other.get("/admin", token=boss.token), "Olga, at a second process of your service")
    for send, where in (
        (partial(api.at_once, writers_wait=True), ""),
        (
            partial(api.at_once, beside=other, writers_wait=True),
            ", at two processes on the same data",
        ),
    ):
        for what, body in DISMISSALS:
            name_admins(api, boss, heir)
            seen = send(
                request("PUT", f"/users/{heir.id}/{what}", token=boss.token, json=body),
                request("PUT", f"/users/{boss.id}/{what}", token=heir.token, json=body),
            )
            one_stayed(api, seen, f"none: each of two requests at one moment took one{where}")
        pair = [newcomer(api, "leaver"), newcomer(api, "leaver")]
        assert all(one.token for one in pair)
        name_admins(api, *pair)
        seen = send(*[request("DELETE", "/users/me", token=one.token) for one in pair])
        one_stayed(api, seen, f"none: two accounts were closed at one moment{where}")
    name_admins(api, boss)


def one_stayed(api: Api, seen: list[Exchange], got: str) -> None:
    """After two requests at one moment there is an admin; if none, Olga is one again."""
    for one in seen:
        expect(one).status(200, 204, 401, 403, 409)
    if not admins(api):
        name_admins(api, olga(api))
        expect(seen[0]).fail("one admin to stay", got)


# -- what was printed: last, when all has been asked ----------------------------------------------


@kept.nothing_printed(after=("accounts_work",))
def test_log_holds_no_secret(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
