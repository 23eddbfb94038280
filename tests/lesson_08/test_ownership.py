"""Lesson 8: everybody reaches their own notes and their own account, and nobody else's."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.grading.verdicts import NotReached
from workbook.talking.exchange import request

USER = ("id", "username", "email", "full_name")
NOTE = ("id", "title", "body")
MANY = 101
"""More notes than a list that comes in pages shows at once."""
FAR = 1000
"""So far above the newest note is an id that nobody has."""
PUBLIC = {
    ("POST", "/register"), ("POST", "/login"), ("POST", "/token"),
    ("GET", "/docs"), ("GET", "/redoc"), ("GET", "/docs/oauth2-redirect"), ("GET", "/openapi.json"),
    ("GET", "/"), ("GET", "/health"),
}  # fmt: skip
ASKED = PUBLIC | {
    ("GET", "/profile"), ("GET", "/protected"), ("POST", "/introspect"),
    ("GET", "/users/me"), ("DELETE", "/users/me"), ("PUT", "/users/{id}"),
    ("GET", "/notes"), ("POST", "/notes"),
    ("GET", "/notes/{id}"), ("PUT", "/notes/{id}"), ("DELETE", "/notes/{id}"),
}  # fmt: skip
"""The routes of the brief; a documented route beyond them is the learner's own."""
BY_ID = ("owner_id", "user_id", "author_id", "account_id", "creator_id", "created_by")
BY_NAME = ("owner", "user", "author", "username", "account", "creator")
"""What an owner may be called in a body, an address or a header."""
Note = dict[str, Any]
"""A note as its owner reads it: `id`, `title` and `body`."""


# -- notes ---------------------------------------------------------------------------------------


def text(about: str) -> dict[str, str]:
    """Return a title and a body that nobody has used before."""
    return {"title": f"{about} {secrets.token_hex(8)}", "body": f"secret {secrets.token_hex(8)}"}


def change() -> dict[str, str]:
    """Return a body that changes somebody's name and address to new ones."""
    number = secrets.token_hex(8)
    return {"full_name": f"New {number}", "email": f"new-{number}@example.com"}


def written(person: Person, about: str = "A page") -> Note:
    """Let somebody write a note; return it as it came back."""
    sent = text(about)
    seen = person.api.post("/notes", json=sent, token=person.token)
    expect(seen).status(201).fields(**sent)
    return {"id": note_id(seen), **sent}


def note_id(seen: Exchange) -> int:
    """Return the id of the note in an answer."""
    number = expect(seen).number_field("id")
    if not isinstance(number, int) or not 1 <= number < 2**63:
        expect(seen).fail("a whole number from 1 up in the field id", f"{number}")
    return number


_strangers: dict[tuple[Path, str], Person] = {}


def stranger(api: Api, role: str) -> Person:
    """Return somebody registered whose name nobody can know; the same one for each role."""
    place = (api.data_dir, role)
    if place not in _strangers:
        name = secrets.token_hex(8)
        person = api.new_person(name)
        person.full_name = f"Somebody {name}"
        seen = api.post("/register", json=person.registration)
        person.id = expect(seen).status(201).text_field("id")
        _strangers[place] = person
    return _strangers[place]


def namesake(person: Person) -> Person:
    """Return somebody with the same full name, and the same e-mail address if that may be."""
    api, place = person.api, (person.api.data_dir, f"namesake of {person.username}")
    if place not in _strangers:
        twin = api.new_person(secrets.token_hex(8))
        twin.full_name = person.full_name
        seen = api.post("/register", json=twin.registration | {"email": person.email})
        if seen.status in (409, 422):
            seen = api.post("/register", json=twin.registration)
        twin.id = expect(seen).status(201).text_field("id")
        _strangers[place] = twin
    return _strangers[place]


_first: dict[tuple[Path, str], Note] = {}


def note_of(person: Person) -> Note:
    """Return a note that this person wrote: the same one while nobody has spoiled it."""
    place = (person.api.data_dir, person.username)
    note = _first.get(place)
    if note is None or row(person.api, note["id"]) != stored_form(person, note):
        _first[place] = note = written(person)
    return note


def unknown_id(api: Api) -> int:
    """Return an id that no note has had."""
    newest = api.stored.rows("SELECT max(id) AS newest FROM notes")[0]["newest"]
    return int(newest or 0) + FAR


def listed(person: Person, **sent: Any) -> tuple[Exchange, list[Note]]:
    """Return what `GET /notes` answers to somebody, and the notes in it."""
    seen = person.api.get("/notes", token=person.token, **sent)
    expect(seen).status(200)
    notes = seen.json
    if not isinstance(notes, list) or not all(isinstance(one, dict) for one in notes):
        expect(seen).fail("a list of notes", seen.text[:100])
    return seen, notes


def row(api: Api, number: int) -> dict[str, Any] | None:
    """Return what the table holds of one note."""
    found = api.stored.rows("SELECT owner_id, title, body FROM notes WHERE id = ?", number)
    return found[0] if found else None


def tables(api: Api) -> list[dict[str, Any]]:
    """Return all rows of both tables."""
    return accounts(api) + api.stored.rows("SELECT * FROM notes ORDER BY id")


def accounts(api: Api) -> list[dict[str, Any]]:
    """Return all rows of the table `users`."""
    return api.stored.rows("SELECT * FROM users ORDER BY id")


def stored_form(owner: Person, note: Note) -> dict[str, Any]:
    """Return the row that a note of theirs makes."""
    return {"owner_id": owner.id, "title": note["title"], "body": note["body"]}


def untouched(owner: Person, note: Note, seen: Exchange) -> None:
    """Neither the table nor the owner's own look shows a trace of what `seen` asked for."""
    stored = row(owner.api, note["id"])
    if stored is None:
        expect(seen).fail("the note to stay in the table `notes`", "no such row any more")
    for name, value in stored_form(owner, note).items():
        if stored[name] != value:
            got = f"another {name} there"
            expect(seen).fail("the note to stay as it was in the table `notes`", got)
    again = owner.api.get(f"/notes/{note['id']}", token=owner.token)
    expect(again).status(200).fields(**note)


def kept_out(seen: Exchange, note: Note, whose: str = "somebody else's") -> None:
    """The caller was refused in whatever form, and read nothing of the note."""
    if seen.status in (0, 501) or seen.status >= 500:
        expect(seen).status(404)
    if seen.status < 400:
        expect(seen).fail(f"404: the note is {whose}")
    expect(seen).hides(note["title"], note["body"])


def same(foreign: Exchange, unknown: Exchange, again: Exchange) -> None:
    """Two answers differ in nothing but the id that was asked for, if they repeat it.

    `again` is like `unknown`: a header that differs between these two, such as a number for each
    request, tells nothing by its value.
    """
    if foreign.status != unknown.status:
        expect(foreign).fail(f"what an unknown id gets, {unknown.status}")
    if foreign.text != unknown.text and nameless(foreign) != nameless(unknown):
        got = f"{foreign.text[:60]} for somebody else's"
        expect(foreign).fail(f"the body that an unknown id gets, {unknown.text[:60]}", got)
    found, wanted, other = (kept.headers_of(one) for one in (foreign, unknown, again))
    odd = sorted(found.keys() ^ wanted.keys())
    fixed = [name for name in sorted(wanted.keys() & other.keys()) if wanted[name] == other[name]]
    odd += [name for name in fixed if name in found and found[name] != wanted[name]]
    if odd:
        expect(foreign).fail("the headers that an unknown id gets", f"others: {', '.join(odd)}")


def nameless(seen: Exchange) -> str:
    """Return an answer's body without the id that its request named."""
    asked = seen.request.path.partition("?")[0].rpartition("/")[2]
    return re.sub(rf"(?<!\w){re.escape(asked)}(?!\w)", "{id}", seen.text)


# -- what is given ---------------------------------------------------------------------------------


@check(
    "The owner of a note writes, reads, lists, changes and deletes it",
    task=None,
    points=0,
    why="a safe that its owner cannot open is no safe: the starter could do all of this",
    file="notes.py",
    after=("accounts_work",),
)
def test_owner_uses_a_note(api: Api) -> None:
    alice = api.alice
    sent = text("Shopping")
    seen = api.post("/notes", json=sent, token=alice.token)
    expect(seen).status(201).only(*NOTE).fields(**sent)
    note = {"id": note_id(seen), **sent}
    address = f"/notes/{note['id']}"
    expect(api.get(address, token=alice.token)).status(200).only(*NOTE).fields(**note)
    seen, notes = listed(alice)
    if note not in notes:
        expect(seen).fail("a list that holds Alice's new note", f"{len(notes)} other notes")
    note |= text("Shopping, again")
    changed = {name: note[name] for name in ("title", "body")}
    seen = api.put(address, json=changed, token=alice.token)
    expect(seen).status(200).only(*NOTE).fields(**note)
    stored = row(api, note["id"]) or {}
    for name, was in sent.items():
        if stored.get(name) == was:
            got = "the old one: is it committed?"
            expect(seen).fail(f"the new {name} in the table `notes`", got)
    untouched(alice, note, seen)
    expect(api.delete(address, token=alice.token)).status(204)
    expect(api.get(address, token=alice.token)).status(404)
    expect(api.delete(address, token=alice.token)).status(404)


@check(
    "Users change their own name and e-mail address",
    task=None,
    points=0,
    why="people marry and move: the starter let them tell you",
    file="app.py",
    after=("accounts_work",),
)
def test_own_account_is_changed(api: Api) -> None:
    bob, number = api.bob, secrets.token_hex(8)
    sent = {"full_name": f"Bob Ünal {number}", "email": f"bob-{number}@example.com"}
    seen = api.put(f"/users/{bob.id}", json=sent, token=bob.token)
    expect(seen).status(200).only(*USER)
    (stored,) = (one for one in accounts(api) if str(one["id"]) == bob.id)
    was = {"full_name": bob.full_name, "email": bob.email}
    old = [name for name in sent if stored[name] == was[name]]
    if len(old) == 2:
        got = "the old ones: is the change committed?"
        expect(seen).fail("the new name and address in the table `users`", got)
    if old:
        got = f"the old one: you did not set {old[0]}"
        expect(seen).fail(f"the new {old[0]} in the table `users`", got)
    expect(seen).fields(id=bob.id, username=bob.username, **sent)
    bob.full_name, bob.email = sent["full_name"], sent["email"]
    expect(api.get("/users/me", token=bob.token)).status(200).fields(id=bob.id, **sent)


def dug(tree: Any, *names: str) -> dict[str, Any]:
    """Return the object that lies so deep in a document; an empty one if there is none."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def operations(paths: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Return method, path and description of each documented route, those that delete last."""
    found = [
        (method, path, item[method.lower()])
        for path, item in sorted(paths.items())
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if isinstance(item, dict) and method.lower() in item
    ]
    return sorted(found, key=lambda one: one[0] == "DELETE")


def plain(path: str) -> str:
    """Return a path in which every parameter is called `id`."""
    return re.sub(r"{[^}]*}", "{id}", path)


@check(
    "Every route but the public ones refuses who sends no token",
    task=None,
    points=0,
    catches="CU-08 CU-09 CU-10 VF-39",
    why="one forgotten dependency opens one door, and attackers try them all",
    see="OWASP API5:2023",
    after=(test_owner_uses_a_note,),
)
def test_every_route_wants_a_token(api: Api) -> None:
    note = note_of(api.alice)
    routes = {("GET", "/notes"), ("POST", "/notes"), ("PUT", "/users/{id}"), ("GET", "/profile")}
    routes |= {(method, "/notes/{id}") for method in ("GET", "PUT", "DELETE")}
    documented = dug(api.get("/openapi.json").json, "paths")
    routes |= {(method, plain(path)) for method, path, _ in operations(documented)}
    for method, path in sorted(routes - PUBLIC):
        number = api.alice.id if path.startswith("/users") else str(note["id"])
        json = text("Nobody") if method in ("POST", "PUT") and "notes" in path else None
        seen = api.call(method, path.replace("{id}", number), json=json)
        expect(seen).refused("")
    # Whoever looks for the note before looking for the token lets strangers count.
    expect(api.get(f"/notes/{unknown_id(api)}")).refused("")
    odd = {"Authorization": "Basic " + api.alice.token}
    expect(api.get("/notes", headers=odd)).refused()
    untouched(api.alice, note, api.get("/notes", params={"access_token": api.alice.token}))
    expect(api.get("/notes", params={"token": api.alice.token})).refused()


@check(
    "No hidden route shows a note or an address to others",
    task=None,
    points=0,
    catches="CU-10 AZ-08",
    why="a route that /docs does not list is found all the same: scanners guess names all day",
    see="OWASP API9:2023",
    after=(test_every_route_wants_a_token,),
)
def test_hidden_routes_show_nothing(api: Api) -> None:
    note, alice = note_of(api.alice), api.alice
    paths = ("/notes/all", "/notes/export", "/notes/", "/search", "/debug", "/admin", "/users")
    asked = [(path, api.mallory.token) for path in (*paths, f"/users/{alice.id}")]
    asked += [(f"/users/{alice.id}/notes", api.mallory.token), ("/notes/all", None)]
    for path, token in asked:
        seen = api.get(path, token=token)
        expect(seen).no_crash().hides(note["title"], note["body"], alice.email)


@check(
    "A bad token opens none of the new routes",
    task=None,
    points=0,
    catches="VF-01 VF-09 CU-01 CU-04",
    why="attackers try every door with every key: one that reads a token unchecked is enough",
    file="notes.py",
    see="OWASP API2:2023",
    after=(test_owner_uses_a_note, "bad_tokens_are_refused"),
)
def test_bad_tokens_open_no_note(api: Api) -> None:
    alice, locked, gone = api.alice, stranger(api, "locked"), stranger(api, "gone")
    note, kept_back = note_of(alice), written(locked)
    left, now = gone.token, int(time.time())
    expect(api.delete("/users/me", token=left)).status(204)
    expect(api.get(f"/notes/{kept_back['id']}", token=locked.token)).status(200)
    api.stored.disable(locked.username)
    ended = kept.resigned(alice, iat=now - 900, exp=now - 5)
    bad = (
        ("a token signed with another key", forge.forge(alice.token, kept.OTHER_KEY), alice, note),
        ("a token that ended", ended, alice, note),
        ("a user who is disabled", locked.token, locked, kept_back),
        ("a user who is gone", left, gone, note),
    )
    before = tables(api)
    for what, token, person, page in bad:
        address = f"/notes/{page['id']}"
        calls = [("GET", "/notes", None), ("POST", "/notes", text("Bad")), ("GET", address, None)]
        calls += [("PUT", address, text("Bad")), ("DELETE", address, None)]
        for method, path, json in (*calls, ("PUT", f"/users/{person.id}", change())):
            seen = api.call(method, path, json=json, token=token)
            if seen.status != 401:
                expect(seen).fail(f"401 for {what}")
            expect(seen).refused("invalid_token").hides(page["title"], page["body"])
            if tables(api) != before:
                expect(seen).fail("both tables to stay as they were", "a change in them")


@check(
    "A note goes when its owner goes, and the account goes for good",
    task=None,
    points=0,
    catches="CU-01",
    why="who closes an account expects the pages to be gone, and not to wait for the next owner",
    see="OWASP ASVS 5.0 V14.2.7",
    after=(test_owner_uses_a_note,),
)
def test_notes_go_with_their_owner(api: Api) -> None:
    hers, leaver = note_of(api.alice), api.register("goer")
    pages = [written(leaver), written(leaver)]
    seen = api.delete("/users/me", token=leaver.token)
    expect(seen).status(204)
    if any(row(api, page["id"]) is not None for page in pages):
        expect(seen).fail("no note of a user who is gone", "one in the table `notes`")
    untouched(api.alice, hers, seen)
    expect(api.get("/notes", token=leaver.token)).refused("invalid_token")


@check(
    "The id of a deleted note is not used again",
    task=None,
    points=0,
    why="an old link, or a look-up begun before, would show somebody else's new note",
    file="models.py",
    after=(test_owner_uses_a_note,),
)
def test_ids_are_not_used_again(api: Api) -> None:
    alice = api.alice
    last = written(alice)
    expect(api.delete(f"/notes/{last['id']}", token=alice.token)).status(204)
    sent = text("The next page")
    seen = api.post("/notes", json=sent, token=alice.token)
    expect(seen).status(201).fields(**sent)
    if note_id(seen) == last["id"]:
        expect(seen).fail("an id that no note has had", f"{last['id']}, of a note deleted before")


# -- your turn 1 -----------------------------------------------------------------------------------


@check(
    "A note is shown to its owner alone",
    task=1,
    points=2,
    catches="AZ-01",
    why="ids are counted: whoever may read number 7 tries 6 and 8 next",
    see="OWASP API1:2023",
    after=(test_owner_uses_a_note,),
)
def test_foreign_note_is_not_shown(api: Api) -> None:
    alice, mallory = stranger(api, "owner"), stranger(api, "other")
    hers, own = note_of(alice), note_of(mallory)
    seen = api.get(f"/notes/{own['id']}", token=mallory.token)
    expect(seen).status(200).fields(**own)
    kept_out(api.get(f"/notes/{hers['id']}", token=mallory.token), hers)
    kept_out(api.get(f"/notes/{own['id']}", token=alice.token), own)
    seen = api.get(f"/notes/{hers['id']}", token=namesake(alice).token)
    kept_out(seen, hers, "Alice's, and not of all with her name and address")
    # Nothing is remembered of who read it last, and no look by another spoils the owner's.
    untouched(alice, hers, api.get(f"/notes/{hers['id']}", token=alice.token))


@check(
    "A note is changed by its owner alone",
    task=1,
    points=1,
    catches="AZ-02 AZ-21",
    why="a check that comes after the change refuses, and has changed the note all the same",
    see="OWASP API1:2023",
    after=(test_owner_uses_a_note,),
)
def test_foreign_note_is_not_changed(api: Api) -> None:
    alice, mallory = stranger(api, "owner"), stranger(api, "other")
    hers = note_of(alice)
    for method in ("PUT", "PATCH", "POST"):
        sent = text("Mallory was here")
        seen = api.call(method, f"/notes/{hers['id']}", json=sent, token=mallory.token)
        kept_out(seen, hers)
        untouched(alice, hers, seen)


@check(
    "A note is deleted by its owner alone",
    task=1,
    points=1,
    catches="AZ-03 AZ-21",
    why="a check that comes after the deletion refuses, and the note is gone",
    see="OWASP API1:2023",
    after=(test_owner_uses_a_note,),
)
def test_foreign_note_is_not_deleted(api: Api) -> None:
    alice, mallory = stranger(api, "owner"), stranger(api, "other")
    hers = note_of(alice)
    seen = api.delete(f"/notes/{hers['id']}", token=mallory.token)
    kept_out(seen, hers)
    untouched(alice, hers, seen)


@check(
    "Somebody else's note and a note that nobody has get the same 404",
    task=1,
    points=2,
    catches="AZ-07",
    why="a 403 says: this one exists. Mallory counts your notes without reading one",
    see="CWE-204",
    after=(test_foreign_note_is_not_shown,),
)
def test_foreign_is_like_unknown(api: Api) -> None:
    hers, mallory = note_of(stranger(api, "owner")), stranger(api, "other")
    nobodys = unknown_id(api)
    for method, json in (("GET", None), ("PUT", text("Mine")), ("DELETE", None)):
        unknown, again, foreign = (
            api.call(method, f"/notes/{number}", json=json, token=mallory.token)
            for number in (nobodys, nobodys + 1, hers["id"])
        )
        expect(unknown).status(404)
        if foreign.status != 404:
            expect(foreign).fail("404, as for an id that nobody has")
        same(foreign, unknown, again)
    # Other methods need not be there; where they are, they tell no more.
    for method, json in (("HEAD", None), ("PATCH", text("Mine"))):
        unknown, again, foreign = (
            api.call(method, f"/notes/{number}", json=json, token=mallory.token)
            for number in (nobodys, nobodys + 1, hers["id"])
        )
        same(foreign, unknown, again)
    # The order of two checks tells as much as a word: a bad text and an id that is not yours.
    unknown, again, foreign = (
        api.put(f"/notes/{number}", json={"title": ""}, token=mallory.token)
        for number in (nobodys, nobodys + 1, hers["id"])
    )
    if foreign.status not in (404, 422):
        expect(foreign).fail("404 or 422")
    same(foreign, unknown, again)


@check(
    "An odd id is no note's, and crashes nothing",
    task=1,
    points=1,
    catches="AZ-23",
    why="a number too large for the database is a crash that any user can order",
    see="CWE-755",
    after=(test_foreign_note_is_not_shown,),
)
def test_odd_ids_crash_nothing(api: Api) -> None:
    alice = api.alice
    note = note_of(alice)
    # Powers of two: where PostgreSQL, SQLite and most drivers stop counting.
    odd = ("0", "-1", "abc", "%00", "2147483648", "9223372036854775808", "1" + "0" * 40)
    sql = "0%20or%201=1"
    asked = [("GET", one) for one in (*odd, sql)]
    asked += [("PUT", odd[-1]), ("PUT", "%00"), ("DELETE", odd[-2]), ("DELETE", odd[-1])]
    for method, one in asked:
        json = text("Odd") if method == "PUT" else None
        seen = api.call(method, f"/notes/{one}", json=json, token=alice.token)
        expect(seen).status(404, 422)
    untouched(alice, note, api.get(f"/notes/{note['id']}", token=alice.token))


# -- your turn 2 -----------------------------------------------------------------------------------


def only_own(person: Person, seen: Exchange, notes: list[Note]) -> None:
    """All of these notes stand in the table with this person's id, and none is missing."""
    rows = person.api.stored.rows("SELECT id, owner_id FROM notes")
    owners = {str(one["id"]): one["owner_id"] for one in rows}
    own = {number for number, owner in owners.items() if owner == person.id}
    found = [str(one.get("id")) for one in notes]
    if gone := [one for one in found if one not in owners]:
        got = f"{len(gone)} that are not in the table `notes`"
        expect(seen).fail("the notes that are there now", got)
    if foreign := [one for one in found if one not in own]:
        expect(seen).fail("the caller's own notes", f"{len(foreign)} of other people too")
    if missing := own - set(found):
        expect(seen).fail("all of the caller's notes", f"a list that lacks {len(missing)}")
    if len(found) != len(own):
        expect(seen).fail("each note once", f"{len(found)} entries for {len(own)} notes")


@contextmanager
def more_notes(person: Person) -> Iterator[set[str]]:
    """Let another worker of the service write notes of theirs, and delete all but one afterwards.

    The table knows of them, and a list in memory does not. Give their titles.
    """
    change, places = person.api.stored.change, ", ".join(["(?, ?, ?)"] * MANY)
    titles = [text("From another worker")["title"] for _ in range(MANY)]
    sent = [(person.id, title, "Written beside this one") for title in titles]
    statement = f"INSERT INTO notes (owner_id, title, body) VALUES {places}"  # noqa: S608
    change(statement, *(value for one in sent for value in one))
    try:
        yield set(titles)
    finally:
        places = ", ".join("?" * (MANY - 1))
        statement = f"DELETE FROM notes WHERE title IN ({places})"  # noqa: S608
        change(statement, *titles[1:])


@check(
    "A list holds the caller's own notes and no others",
    task=2,
    points=2,
    catches="AZ-04",
    why="one request, and Mallory has read what everybody wrote: no counting needed",
    see="OWASP API1:2023",
    after=(test_owner_uses_a_note,),
)
def test_list_holds_own_notes(api: Api) -> None:
    alice, mallory, bob = stranger(api, "owner"), stranger(api, "other"), api.bob
    hers, own = note_of(alice), note_of(mallory)
    for person, note in ((mallory, own), (alice, hers)):
        seen, notes = listed(person)
        only_own(person, seen, notes)
        if note not in notes:
            expect(seen).fail("id, title and body of each note", seen.text[:100])
    seen, notes = listed(namesake(alice))
    if notes:
        expect(seen).fail("[] for somebody with Alice's name and address", "notes of hers")
    with more_notes(alice) as titles:
        seen, notes = listed(alice)
        if not titles & {str(one.get("title")) for one in notes}:
            got = "a list as it was before"
            expect(seen).fail("the notes that another worker of the service wrote, too", got)
        only_own(alice, seen, notes)
    only_own(alice, *listed(alice))
    seen, notes = listed(bob)
    if notes:
        expect(seen).fail("[] for Bob, who has written nothing", f"{len(notes)} notes")


@check(
    "Nothing but the token says whose notes are meant",
    task=2,
    points=1,
    catches="AZ-09 TR-13 TR-14",
    why="anybody can write ?owner_id= into an address: it is a wish and no proof",
    see="CWE-639",
    after=(test_list_holds_own_notes, test_foreign_note_is_not_shown),
)
def test_parameters_change_nothing(api: Api) -> None:
    alice, mallory = api.alice, api.mallory
    hers = note_of(alice)
    asked: list[dict[str, Any]] = [{"params": wish | {"all": "true"}} for wish in wishes_for(alice)]
    for wish in wishes_for(alice):
        headers = {f"X-{name.replace('_', '-').title()}": one for name, one in wish.items()}
        headers["Cookie"] = "; ".join(f"{name}={one}" for name, one in wish.items())
        asked.append({"headers": headers})
    for sent in asked:
        seen = api.get("/notes", token=mallory.token, **sent)
        expect(seen).no_crash().hides(hers["title"], hers["body"])
        kept_out(api.get(f"/notes/{hers['id']}", token=mallory.token, **sent), hers)
        title = text("For Alice")
        seen = api.post("/notes", json=title, token=mallory.token, **sent)
        wrote(seen, mallory, title)
    only_own(mallory, *listed(mallory))


def wishes_for(person: Person) -> tuple[dict[str, str], dict[str, str]]:
    """Return two bodies that name somebody as the owner: by the id, and by the user name too."""
    columns = person.api.stored.rows("SELECT * FROM notes LIMIT 1")[0].keys()
    others = sorted(columns - {"id", "title", "body", *BY_ID, *BY_NAME})
    ids = dict.fromkeys((*BY_ID, *others, *BY_NAME), person.id)
    return ids, ids | dict.fromkeys(BY_NAME, person.username)


def one_by_one(seen: Exchange, wish: dict[str, str]) -> list[dict[str, str]]:
    """Return the wishes of a body that was refused, each alone: one of them may have hidden it."""
    return [{name: value} for name, value in wish.items()] if seen.status == 422 else []


def wrote(seen: Exchange, writer: Person, sent: dict[str, str]) -> int | None:
    """The note was refused (422) or is the writer's own; return its id, if it has one."""
    api = writer.api
    expect(seen).status(201, 422)
    rows = api.stored.rows("SELECT id, owner_id FROM notes WHERE title = ?", sent["title"])
    if seen.status == 422:
        if rows:
            expect(seen).fail("no note, as it was refused", "one in the table `notes`")
        return None
    if len(rows) != 1:
        expect(seen).fail("one row in the table `notes`", f"{len(rows)} with this title")
    if str(rows[0]["owner_id"]) != writer.id:
        expect(seen).fail(
            "a note whose owner is who sent the token", "another owner in the table `notes`"
        )
    expect(seen).fields(id=rows[0]["id"], **sent)
    return int(rows[0]["id"])


@check(
    "Many callers at one moment each get their own notes",
    task=2,
    points=1,
    catches="CU-12 CC-01",
    why="a caller kept in a global variable is whoever came last",
    see="OWASP ASVS 5.0 V15.4.1",
    after=(test_list_holds_own_notes,),
)
def test_many_callers_at_once(api: Api) -> None:
    people = (api.alice, api.bob, api.mallory) * 3
    known = [note_of(person)["id"] for person in people[:3]] * 3
    sent = [text("At once") for _ in people]
    calls = [request("GET", "/notes", token=person.token) for person in people]
    calls += [
        request("POST", "/notes", token=person.token, json=one)
        for person, one in zip(people, sent, strict=True)
    ]
    answers = api.at_once(*calls)
    # Whose answer comes out wrong depends on chance, and a report must not.
    plain = [replace(one, answer=replace(one.answer, body=b"")) for one in answers]
    for person, number, seen, shown in zip(people, known, answers, plain, strict=False):
        expect(seen).status(200)
        question = "SELECT id FROM notes WHERE owner_id = ?"
        own = {str(one["id"]) for one in api.stored.rows(question, person.id)}
        notes = seen.json if isinstance(seen.json, list) else []
        found = {str(one.get("id")) for one in notes if isinstance(one, dict)}
        if not {str(number)} <= found <= own:
            expect(shown).fail("the caller's own notes", "another caller's")
    numbers = []
    for person, one, seen, shown in zip(people, sent, answers[9:], plain[9:], strict=True):
        expect(seen).status(201)
        rows = api.stored.rows("SELECT id, owner_id FROM notes WHERE title = ?", one["title"])
        if [str(found["owner_id"]) for found in rows] != [person.id]:
            expect(shown).fail("one note of the caller's in the table", "another owner, or none")
        numbers.append(note_id(seen))
    if len(set(numbers)) != len(numbers):
        expect(plain[-1]).fail("an id of its own for each note", "one id for two of them")


# -- your turn 3 -----------------------------------------------------------------------------------


@check(
    "The owner of a new note is who sends the token, whatever the body says",
    task=3,
    points=1,
    catches="AZ-05",
    why="a note in Alice's name is a forged letter, and she finds it among her own",
    see="OWASP API3:2023",
    after=(test_owner_uses_a_note,),
)
def test_owner_is_not_taken_from_the_body(api: Api) -> None:
    alice, mallory = api.alice, api.mallory
    note_of(alice)
    asked = [{"owner_id": alice.id}, *wishes_for(alice)]
    for wish in asked:
        sent = text("In another name")
        seen = api.post("/notes", json=sent | wish, token=mallory.token)
        wrote(seen, mallory, sent)
        asked += one_by_one(seen, wish) if len(wish) > 1 else []
        seen = api.get("/notes", token=alice.token)
        expect(seen).hides(sent["title"])


@check(
    "The id of a new note is not taken from the body",
    task=3,
    points=1,
    catches="AZ-06",
    why="who chooses an id can take one that an old link names, or write over a note",
    see="CWE-915",
    after=(test_owner_uses_a_note,),
)
def test_id_is_not_taken_from_the_body(api: Api) -> None:
    alice, mallory = api.alice, api.mallory
    hers, chosen = note_of(alice), unknown_id(api)
    for wish in (chosen, hers["id"], 0):
        sent = text(f"I want to be note {wish}")
        seen = api.post("/notes", json=sent | {"id": wish}, token=mallory.token)
        if wrote(seen, mallory, sent) == wish:
            expect(seen).fail("an id that the database counted", f"{wish}, as the body said")
        untouched(alice, hers, seen)


@check(
    "A change of a note changes its title and body, and nothing else",
    task=3,
    points=1,
    catches="AZ-06",
    why="an owner_id in the body hands a note to Alice, and an id moves it over another",
    see="OWASP API3:2023",
    after=(test_owner_uses_a_note,),
)
def test_change_keeps_owner_and_id(api: Api) -> None:
    alice, mallory = api.alice, api.mallory
    own, free = written(mallory), unknown_id(api)
    asked: list[dict[str, Any]] = [{"owner_id": alice.id}, {"id": free}, *wishes_for(alice)]
    for wish in asked:
        sent = text("Changed")
        seen = api.put(f"/notes/{own['id']}", json=sent | wish, token=mallory.token)
        expect(seen).status(200, 422)
        own |= sent if seen.status == 200 else {}
        untouched(mallory, own, seen)
        asked += one_by_one(seen, wish) if len(wish) > 1 else []
        if row(api, free):
            expect(seen).fail("a note that keeps its id", f"note {free} in the table `notes`")
    kept.one_note_at_a_time(api)


@check(
    "A title has 1 to 100 characters, a body at most 10,000, and no NUL",
    task=3,
    points=1,
    catches="PW-25",
    why="what has no limit fills the disk, and a NUL crashes the database beside yours",
    see="CWE-20",
    after=(test_owner_uses_a_note, test_owner_is_not_taken_from_the_body),
)
def test_text_has_limits(api: Api) -> None:
    alice, mark = api.alice, secrets.token_hex(8)
    note = note_of(alice)
    begun = f"{mark} "
    good = {"title": f"{begun:é<100}", "body": begun + "\N{KITE}" * 9_983}
    seen = shortened(api.post("/notes", json=good, token=alice.token))
    expect(seen).status(201).fields(**good)
    bad: tuple[dict[str, Any], ...] = (
        {"title": ""}, {"title": f"{begun:é<101}"}, {"body": f"{begun:x<10001}"},
        {"title": f"{mark}\0"}, {"body": f"{mark}\0end"}, {"body": f"{mark}\ud800"},
        {"title": None}, {"body": [mark]},
    )  # fmt: skip
    for wrong in bad:
        seen = shortened(api.post("/notes", json=text("Fair") | wrong, token=alice.token))
        expect(seen).status(422).hides(mark)
    seen = api.post("/notes", json=text("Fair") | {"body": 7}, token=alice.token)
    if seen.status == 201:
        expect(seen).fail("422 for a body that is a number, and no text")
    for body in ({"title": "Half a note"}, {"body": "Half a note"}, []):
        expect(api.post("/notes", json=body, token=alice.token)).status(422)
    changes = [text("Fair") | wrong for wrong in bad]
    for json in (*changes, {"title": "Half a note"}, {"body": "Half a note"}):
        seen = api.put(f"/notes/{note['id']}", json=json, token=alice.token)
        expect(shortened(seen)).status(422)
        untouched(alice, note, seen)


def shortened(seen: Exchange) -> Exchange:
    """Return the exchange with a long request body cut, so that a message stays readable."""
    body = seen.request.body
    if len(body) > 400:
        body = body[:60] + f"… ({len(body):,} bytes)".encode()
    return replace(seen, request=replace(seen.request, body=body))


@check(
    "A note comes back as it was written, sign for sign",
    task=3,
    points=1,
    catches="PW-10",
    why="text is escaped where it is shown: who mends it at the door spoils it for good",
    see="OWASP ASVS 5.0 V1.1.1",
    after=(test_owner_uses_a_note, test_owner_is_not_taken_from_the_body),
)
def test_text_comes_back_as_it_was(api: Api) -> None:
    alice, mark = api.alice, secrets.token_hex(8)
    texts = (
        "  blanks around it \t",
        "line one\nline two\r\nand a last one\n",
        "it's \"quoted\", '); DROP TABLE notes; -- and %s {} \\n",
        '<script>alert("hello")</script> &amp; &',
        "\N{KITE}, a family 👩‍👩‍👧, \u05e9\u05dc\u05d5\u05dd \u202eturned\u202c, e\u0301 and é",
    )
    for number, one in enumerate(texts):
        sent = {"title": one[:100], "body": f"{mark} {one}"}
        seen = api.post("/notes", json=sent, token=alice.token)
        expect(seen).status(201).fields(**sent)
        if number in (1, 2):  # through the other doors, too
            address = f"/notes/{note_id(seen)}"
            expect(api.get(address, token=alice.token)).fields(**sent)
            sent = {"title": f" {texts[number + 2]} ", "body": one * 2}
            seen = api.put(address, json=sent, token=alice.token)
            expect(seen).status(200).fields(**sent)
    expect(api.post("/notes", json={"title": mark, "body": ""}, token=alice.token)).status(201)


# -- your turn 4 -----------------------------------------------------------------------------------


@check(
    "Nobody changes somebody else's account",
    task=4,
    points=1,
    catches="AZ-02 AZ-21",
    why="with her e-mail address in Alice's row, Mallory asks for a new password and has it",
    see="OWASP API1:2023",
    after=(test_own_account_is_changed,),
)
def test_foreign_account_is_not_changed(api: Api) -> None:
    alice, mallory = stranger(api, "owner"), stranger(api, "other")
    before = accounts(api)
    targets = [("PUT", one) for one in (alice.id, alice.username, alice.email)]
    for method, target in (*targets, ("PATCH", alice.id), ("POST", alice.id)):
        sent = change()
        seen = api.call(method, f"/users/{target}", json=sent, token=mallory.token)
        if accounts(api) != before:
            expect(seen).fail("the table `users` to stay as it was", "a change in it")
        if not 400 <= seen.status < 500:
            expect(seen).fail("404: this account is somebody else's")
        expect(seen).hides(sent["email"], alice.full_name)
    sent = change()
    seen = api.put(f"/users/{mallory.id}", json=sent, token=mallory.token)
    expect(seen).status(200).fields(id=mallory.id, **sent)


@check(
    "Somebody else's account and one that nobody has get the same 404",
    task=4,
    points=1,
    catches="AZ-07",
    why="another answer tells which ids are taken, and an odd id must not crash the route",
    see="CWE-204",
    after=(test_foreign_account_is_not_changed,),
)
def test_foreign_account_is_like_unknown(api: Api) -> None:
    alice, mallory = stranger(api, "owner"), stranger(api, "other")
    before = accounts(api)
    known = {str(one["id"]) for one in before}
    nobodys = [alice.id[:-1] + end for end in "0123456789" if alice.id[:-1] + end not in known]
    for sent in (change(), {"full_name": "", "email": "no address"}):
        unknown, again, foreign = (
            api.put(f"/users/{target}", json=sent, token=mallory.token)
            for target in (*nobodys[:2], alice.id)
        )
        expect(unknown).status(*((404,) if "@" in sent["email"] else (404, 422)))
        same(foreign, unknown, again)
    odd = (
        f"{mallory.id}%00", "0", f"{mallory.id}0", "x" * 5000, "%f0%9f%aa%81", mallory.username,
        mallory.email,
    )  # fmt: skip
    for one in odd:
        seen = api.put(f"/users/{one}", json=change(), token=mallory.token)
        expect(replace(seen, request=replace(seen.request, path="/users/…"))).status(404, 422)
    if accounts(api) != before:
        expect(foreign).fail("the table `users` to stay as it was", "a change in it")


@check(
    "A body changes the name and the address, and no other column",
    task=4,
    points=1,
    catches="AZ-05 AZ-06",
    why="with a field too many, Mallory unlocks accounts and signs in under a name like Alice's",
    see="OWASP API3:2023",
    after=(test_own_account_is_changed,),
)
def test_body_changes_two_columns(api: Api) -> None:
    mallory = api.mallory
    wishes: tuple[dict[str, Any], ...] = (
        {"username": f"{mallory.username}-olga"},
        {"password_hash": "$2b$04$" + "a" * 53, "password": "a-new-password"},
        {"disabled": True},
        {"id": secrets.token_hex(16)},
        {"roles": ["admin"], "role": "admin", "is_admin": True, "scope": "admin"},
    )
    others = [one for one in accounts(api) if str(one["id"]) != mallory.id]
    for wish in wishes:
        own = [one for one in accounts(api) if str(one["id"]) == mallory.id]
        if len(own) != 1:
            raise NotReached("Mallory has not one row in the table users")
        (before,) = own
        sent = change()
        seen = api.put(f"/users/{mallory.id}", json=sent | wish, token=mallory.token)
        names = ", ".join(wish)
        expect(seen).status(200, 422)
        rows = accounts(api)
        after = before | (sent if seen.status == 200 else {})
        if after not in rows:
            got = f"a change by the body's {names}"
            expect(seen).fail("the rest of the row in `users` to stay as it was", got)
        if [one for one in rows if one != after] != others:
            expect(seen).fail("the other rows of `users` to stay as they were", "a change in them")
        if seen.status == 200:
            expect(seen).only(*USER)
    sent = change()
    seen = api.put(f"/users/{mallory.id}", json=sent, token=mallory.token)
    expect(seen).status(200).fields(id=mallory.id, username=mallory.username, **sent)


@check(
    "Name and address obey the rules of registration",
    task=4,
    points=1,
    catches="PW-22 PW-25",
    why="a second way in with weaker rules is the way that everybody takes",
    see="CWE-20",
    after=(test_own_account_is_changed, test_foreign_account_is_not_changed),
)
def test_account_input_has_limits(api: Api) -> None:
    bob, mark = api.bob, secrets.token_hex(8)
    begun = f"{mark} "
    good = change()
    bad: tuple[dict[str, Any], ...] = (
        {"email": f"{mark}-is-no-address"}, {"email": f"{mark}@{'x' * 250}.example.com"},
        {"full_name": ""}, {"full_name": f"{begun:x<101}"}, {"full_name": f"{mark}\nroot is in"},
        {"full_name": f"{mark}\0"}, {"full_name": None}, {"email": [mark]},
    )  # fmt: skip
    before = accounts(api)
    for body in (*(good | wrong for wrong in bad), {"email": good["email"]}, {}):
        seen = api.put(f"/users/{bob.id}", json=body, token=bob.token)
        expect(seen).status(422).hides(mark)
        if accounts(api) != before:
            expect(seen).fail("the table `users` to stay as it was", "a change in it")
    expect(api.put(f"/users/{bob.id}", json=good, token=bob.token)).status(200).fields(**good)


# -- routes of your own ----------------------------------------------------------------------------


def value_for(name: str, alice: Person, note: Note, otherwise: Any = None, below: str = "") -> Any:
    """Return what Mallory puts in for a parameter or field of this name."""
    if re.search(r"(?i)name", name):
        return alice.username
    if re.search(r"(?i)user|owner|author|account|person|people|member|who", below + name):
        return alice.id
    return note["id"] if otherwise is None or re.search(r"(?i)note|id$", name) else otherwise


def filled(path: str, alice: Person, note: Note) -> str:
    """Return a path whose parameters are ids of Alice's: her own below `/users`, else a note's."""

    def fill(found: re.Match[str]) -> str:
        return f"{found[1]}{value_for(found[2], alice, note, below=found[1])}"

    return re.sub(r"([^/{]*/?){([^}:]*)[^}]*}", fill, path)


def query_for(asked: Any, alice: Person, note: Note) -> dict[str, str]:
    """Return what Mallory writes into the address: people, and whatever must be there."""
    listed = asked.get("parameters") if isinstance(asked, dict) else None
    sent: dict[str, str] = {}
    for one in listed if isinstance(listed, list) else ():
        if dug(one).get("in") == "query":
            name, number = str(one.get("name")), "integer" in str(one.get("schema"))
            value = value_for(name, alice, note, "1" if number else "e")  # e is in every note
            if one.get("required") or value in (alice.id, alice.username):
                sent[name] = str(value)
    return sent


def body_for(schema: dict[str, Any], alice: Person, note: Note) -> dict[str, Any]:
    """Return a body that fits this schema: what the brief knows, and whatever must be there."""
    fields, must = dug(schema, "properties"), schema.get("required")
    sent: dict[str, Any] = text("Mallory was here") | change()
    for name in must if isinstance(must, list) else ():
        kinds = {"integer": 1, "number": 1, "boolean": True, "array": []}
        kind = kinds.get(str(dug(fields, name).get("type")), "Mallory-was-here")
        sent.setdefault(str(name), value_for(str(name), alice, note, kind))
    if schema.get("additionalProperties") is False:
        sent = {name: value for name, value in sent.items() if name in fields}
    return sent


@check(
    "Documented routes of your own keep to the same rules",
    task=None,
    points=0,
    catches="AZ-04 AZ-08",
    why="every route that you add is one more door to the same notes",
    see="OWASP API1:2023",
    after=(test_every_route_wants_a_token,),
)
def test_own_routes_keep_to_the_rules(api: Api) -> None:
    alice, caller = api.alice, stranger(api, "passer-by")
    note, document = note_of(alice), api.get("/openapi.json").json
    before = [one for one in tables(api) if caller.id not in (str(one["id"]), one.get("owner_id"))]
    for method, path, asked in operations(dug(document, "paths")):
        if (method, plain(path)) in ASKED:
            continue
        sent: dict[str, Any] = {"params": query_for(asked, alice, note)}
        if method in ("POST", "PUT", "PATCH"):
            kinds = dug(asked, "requestBody", "content")
            form = "application/x-www-form-urlencoded" in kinds
            schema = dug(next(iter(kinds.values()), None), "schema")
            named = str(schema.get("$ref", "")).rpartition("/")[2]
            schema = dug(document, "components", "schemas", named) if named else schema
            sent["form" if form else "json"] = body_for(schema, alice, note)
        seen = api.call(method, filled(path, alice, note), token=caller.token, **sent)
        expect(seen).hides(note["title"], note["body"], alice.email)
        now = tables(api)
        if [one for one in before if one not in now]:
            expect(seen).fail("the rows of other people to stay as they were", "a change in them")


# -- what was printed: last, when all has been asked ----------------------------------------------


@kept.nothing_printed(after=("accounts_work",))
def test_log_holds_no_secret(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
