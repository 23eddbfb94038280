"""Lesson 2: a stolen user file opens no account, and no refusal says more than it must."""

import base64
import codecs
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import median
from threading import Barrier
from time import perf_counter
from typing import Any

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from passlib.hash import bcrypt_sha256

from workbook.grading import Api, Exchange, Person, check, expect
from workbook.grading.expect import shown
from workbook.grading.verdicts import Failed, NotReached

USER = ("id", "username", "email", "full_name")
STORED = (*USER, "password_hash", "disabled")
BCRYPT = re.compile(
    r"\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53}"
    r"|\$bcrypt-sha256\$v=2,t=2b,r=(?P<rounds>\d+)\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{31}"
)
ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>\d+),t=(?P<passes>\d+),p=(?P<lanes>\d+)"
    r"\$[+/A-Za-z0-9]+\$[+/A-Za-z0-9]+"
)
FAIR_ARGON2ID = ((47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5))
"""Memory in KiB and passes: the settings that OWASP counts as equal."""
FAST_HASHES = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
BEARABLE = {"cost": 15, "rounds": 15, "memory": 1 << 20, "passes": 50, "lanes": 64}
"""What a check itself is ready to pay for one hash."""
ROUNDS = 4  # PASSWORD_ROUNDS as the checks set it


def joined(api: Api, **changes: str) -> Person:
    """Register somebody new whose fields are changed. Raises NotReached."""
    person = replace(api.new_person(), **changes)
    seen = api.post("/register", json=person.registration, caller=person.username)
    if seen.status != 201:
        named = ", ".join(changes) or "usual data"
        raise NotReached(f"nobody can register with this {named} (POST /register: {seen.status})")
    return person


def login(person: Person, **changes: Any) -> Exchange:
    """Log somebody in, with the name or the password changed."""
    return person.api.post("/login", json=person.credentials | changes, caller=person.username)


def registration(api: Api, **changes: Any) -> Exchange:
    """Let somebody new try to register with fields changed."""
    person = api.new_person()
    return api.post("/register", json=person.registration | changes, caller=person.username)


def refuses(what: str, seen: Exchange) -> None:
    """Ask for a 422, and say for what."""
    if seen.status in (200, 201):
        expect(in_short(seen)).fail(f"422 for {what}")
    expect(in_short(seen)).status(422)


def in_short(seen: Exchange) -> Exchange:
    """Return an exchange whose request is short enough to be shown."""
    body = seen.request.body
    if len(body) > 400:
        body = body[:60] + b"... (%d bytes)" % len(body)
    return replace(seen, request=replace(seen.request, body=body))


def users(api: Api) -> dict[str, dict[str, Any]]:
    """Return what `users.json` holds, or end the check."""
    try:
        return api.stored.users()
    except NotReached as reason:
        raise Failed("users.json in DATA_DIR, an object of users by name", str(reason)) from reason


def stored_hash(person: Person) -> str:
    """Return what is stored of somebody's password."""
    value = users(person.api).get(person.username, {}).get("password_hash")
    if not isinstance(value, str):
        raise NotReached(f"users.json has no password_hash for {person.username}")
    return value


# -- what holds before the learner's first line ------------------------------------------------


@check(
    "A newcomer registers and gets a User back",
    task=None,
    points=0,
    why="an answer made of the stored record hands out the hash with it",
    see="OWASP API3:2023",
)
def test_newcomer_registers(api: Api) -> None:
    for person in (api.new_person("alice"), api.new_person("bob")):
        seen = api.post("/register", json=person.registration, caller=person.username)
        expect(seen).status(201).hides(person.password).only(*USER)
        expect(seen).fields(username=person.username, email=person.email)
        expect(seen).fields(full_name=person.full_name)
        person.id = expect(seen).text_field("id")


@check(
    "The right password opens an account, and somebody else's does not",
    task=None,
    points=0,
    why="a door that is shut or open for everybody protects nobody",
    after=(test_newcomer_registers,),
)
def test_right_password_opens(api: Api) -> None:
    for person in (api.alice, api.bob):
        seen = login(person)
        expect(seen).status(200).hides(person.password).only(*USER)
        expect(seen).fields(id=person.id, username=person.username, email=person.email)
    expect(login(api.alice, password=api.bob.password)).status(401)


@check(
    "A profile shows user name and full name alone, and nobody is there at first",
    task=None,
    points=0,
    catches="PW-18",
    why="lesson 1 closed this door; and an account that nobody opened is an open account",
    see="OWASP API3:2023",
    after=(test_newcomer_registers,),
)
def test_profile_is_as_before(api: Api) -> None:
    for person in (api.alice, api.bob):
        seen = api.get("/profile", params={"username": person.username})
        expect(seen).status(200).only("username", "full_name").fields(full_name=person.full_name)
    for nobody in ("nobody", "olga"):
        expect(api.get("/profile", params={"username": nobody})).status(404)


@check(
    "users.json holds each user under the user name",
    task=None,
    points=0,
    why="other programs, and the checks that follow, rely on what is stored and where",
    after=(test_newcomer_registers,),
)
def test_users_file_has_its_form(api: Api) -> None:
    for person in (api.alice, api.register()):
        found = users(api)
        if person.username not in found:
            raise Failed(
                f"users.json to have the key {person.username}", shown(", ".join(found)) or "none"
            )
        account = found[person.username]
        if missing := [name for name in STORED if name not in account]:
            raise Failed(f"the fields {', '.join(STORED)}", f"none called {', '.join(missing)}")
        wanted = {name: getattr(person, name) for name in USER} | {"disabled": False}
        for name, value in wanted.items():
            if account[name] != value:
                raise Failed(f"{name} to be {shown(value)} in users.json", shown(account[name]))


@check(
    "users.json is read again for each request",
    task=None,
    points=0,
    catches="CU-01",
    why="with a copy in memory a user who was removed or disabled stays in",
    after=(test_users_file_has_its_form, test_right_password_opens, test_profile_is_as_before),
)
def test_users_file_is_read_again(api: Api) -> None:
    person = api.register()
    profile = {"username": person.username}
    expect(api.get("/profile", params=profile)).status(200)
    found = users(api)
    found[person.username]["full_name"] = "Renamed Robin"
    api.stored.store_users(found)
    expect(api.get("/profile", params=profile)).status(200).fields(full_name="Renamed Robin")
    del found[person.username]
    api.stored.store_users(found)
    expect(api.get("/profile", params=profile)).status(404)
    expect(login(person)).status(401, 404)


@check(
    "Accounts outlive a restart",
    task=None,
    points=0,
    why="what is known to one process alone is gone when it ends, and locks everybody out",
    after=(test_users_file_is_read_again,),
)
def test_accounts_outlive_a_restart(api: Api) -> None:
    expect(login(api.alice)).status(200)
    api.restart()
    expect(login(api.alice)).status(200).fields(id=api.alice.id)


@check(
    "An id is never used again",
    task=None,
    points=0,
    catches="MT-06",
    why="who gets the id of somebody who left also gets all that still points to that id",
    after=(test_accounts_outlive_a_restart,),
)
def test_id_is_never_used_again(api: Api) -> None:
    leaves = api.register()
    before = users(api)
    api.stored.store_users({name: one for name, one in before.items() if name != leaves.username})
    seen = api.post("/register", json=leaves.registration, caller=leaves.username)
    new_id = expect(seen).status(201).text_field("id")
    if new_id in [one["id"] for one in before.values()]:
        expect(seen).fail("an id that nobody had before", f"{new_id}, which somebody had")


@check(
    "Nobody chooses an id, a hash or a role in the body",
    task=None,
    points=0,
    catches="PW-15",
    why="a body that is copied into the record as it is lets strangers set every field of it",
    see="OWASP API3:2023",
    after=(test_users_file_has_its_form, test_right_password_opens),
)
def test_nobody_chooses_an_id(api: Api) -> None:
    hash_of_hers = "$2b$04$" + "a" * 53
    for wished in (
        {"id": "1"},
        {"disabled": True, "password_hash": hash_of_hers, "roles": ["admin"]},
    ):
        person = api.new_person()
        body = person.registration | wished
        seen = api.post("/register", json=body, caller=person.username)
        expect(seen).status(201, 422)
        if seen.status == 422:
            continue
        expect(seen).only(*USER)
        for name, value in wished.items():
            if users(api)[person.username].get(name) == value:
                expect(seen).fail(f"the {name} of the body to be ignored", "it in users.json")


@check(
    "A registration or login that is not complete is answered with 422",
    task=None,
    points=0,
    catches="PW-21",
    why="a field that is empty by default becomes an account without a password",
    see="RFC 9110 §15.5.21",
    after=(test_right_password_opens,),
)
def test_all_fields_are_needed(api: Api) -> None:
    bodies = {"/register": api.new_person().registration, "/login": api.alice.credentials}
    odd = {"username": 7, "email": None, "full_name": {"is": "Kim"}, "password": ["7-Kites!"]}
    for path, body in bodies.items():
        for name in body:
            expect(api.post(path, json={key: body[key] for key in body if key != name})).status(422)
            expect(api.post(path, json=body | {name: odd[name]})).status(422)
        expect(api.post(path)).status(422)
        json_type = {"Content-Type": "application/json"}
        for broken in (b'{"username": ', b"\xff"):
            expect(api.post(path, body=broken, headers=json_type)).status(400, 422)


# -- 1: hash and check ---------------------------------------------------------------------------


def disguises(password: str) -> Iterator[tuple[str, bytes]]:
    """Yield the forms of a password that anybody can turn back, each with its name."""
    raw = password.encode()
    yield "as it was typed", raw
    yield "backwards", raw[::-1]
    yield "in hexadecimal digits", raw.hex().encode()
    for skipped in range(3):  # whatever stands before it, three letters become four
        whole = raw[skipped : skipped + (len(raw) - skipped) // 3 * 3]
        if len(whole) >= 6:
            yield "in base64", base64.b64encode(whole)
            yield "in base64", base64.urlsafe_b64encode(whole)
    yield "in rot13", codecs.encode(password, "rot13").encode()


def left_behind(api: Api) -> Iterator[tuple[str, bytes]]:
    """Yield all that the service keeps in its own folder: each name, and what is there.

    A name is itself something that is kept.
    """
    for name, content in api.left_behind().items():
        yield "the name of a file", name.encode("utf-8", "replace")
        yield name, content


def is_kept_nowhere(api: Api, *passwords: str) -> None:
    """No file that the service has written holds one of these in a form that can be read."""
    kept = list(left_behind(api))
    for password in passwords:
        for form, secret in disguises(password):
            for place, content in kept:
                if secret in content:
                    raise Failed("no password in any file", f"this one in {place}, {form}")


@check(
    "No file holds a password that can be read",
    task=1,
    catches="PW-01",
    why="whoever steals the file logs in as everybody, here and wherever the password was reused",
    see="CWE-256",
    after=(test_right_password_opens,),
)
def test_no_password_can_be_read(api: Api) -> None:
    is_kept_nowhere(api, api.alice.password, api.register().password)


def cost_of(password_hash: str) -> int | None:
    """Return the cost of a bcrypt hash, or None for another."""
    found = BCRYPT.fullmatch(password_hash)
    return int(found["cost"] or found["rounds"]) if found else None


def fits(password: str, password_hash: str) -> bool:
    """Tell whether this is a hash of the password that anybody can check with a library."""
    found = BCRYPT.fullmatch(password_hash) or ARGON2ID.fullmatch(password_hash)
    if not found or any(
        int(paid or 0) > BEARABLE[name] for name, paid in found.groupdict().items()
    ):
        return False
    try:
        if password_hash.startswith("$argon2id$"):
            return PasswordHasher().verify(password_hash, password)
        if password_hash.startswith("$bcrypt-sha256$"):
            return bool(bcrypt_sha256.verify(password, password_hash))
        return bcrypt.checkpw(password.encode(), password_hash.encode())
    except (ValueError, Argon2Error):
        return False


def is_a_hash_of(password: str, password_hash: str) -> None:
    """End the check unless another process can check the password with this hash.

    Capitals may be lost: another check asks for them.
    """
    if not any(
        fits(form, password_hash) for form in (password, password.lower(), password.upper())
    ):
        raise Failed(
            "a password_hash made from the password and its own salt alone",
            f"one that no library finds to be of {password}",
        )


def looks_like(password_hash: str) -> str:
    """Say what a stored text seems to be."""
    for name, digits in (("", password_hash), ("salted ", password_hash.split("$")[-1])):
        if re.fullmatch(r"[0-9a-f]+", digits) and len(digits) in FAST_HASHES:
            return f"{len(digits)} hexadecimal digits, as {name}{FAST_HASHES[len(digits)]} gives"
    return shown(password_hash[:40])


@check(
    "The stored hash is bcrypt with the cost in PASSWORD_ROUNDS, or argon2id",
    task=1,
    catches="PW-02",
    why="a graphics card tries billions of MD5 or SHA hashes a second, a few thousand of these",
    see="OWASP Password Storage Cheat Sheet",
    after=(test_no_password_can_be_read, test_users_file_has_its_form),
)
def test_stored_hash_is_a_slow_one(api: Api) -> None:
    for person in (api.alice, api.bob):
        found = stored_hash(person)
        cost = cost_of(found)
        if cost is None and not ARGON2ID.fullmatch(found):
            raise Failed("a password_hash of bcrypt or argon2id", looks_like(found))
        if cost not in (None, ROUNDS):
            raise Failed(f"bcrypt's cost to be {ROUNDS}, as PASSWORD_ROUNDS says", f"{cost}")
        is_a_hash_of(person.password, found)


@check(
    "Two users with one password have different hashes",
    task=1,
    catches="PW-02",
    why="equal hashes show who shares a password, and one table breaks them all",
    see="CWE-759",
    after=(test_stored_hash_is_a_slow_one,),
)
def test_each_hash_has_its_own_salt(api: Api) -> None:
    one = api.alice
    other = joined(api, password=one.password)
    salts = [re.sub(r"[^$]{31}$", "", stored_hash(person)) for person in (one, other)]
    if salts[0] == salts[1]:
        raise Failed("two different hashes for one password", f"one salt twice: {salts[0]}…")


@check(
    "A password works as it was typed, and only so",
    task=1,
    catches="PW-10",
    why="each letter that is made small or cut off saves an attacker guesses",
    see="OWASP ASVS 6.2.8",
    after=(test_stored_hash_is_a_slow_one,),
)
def test_password_works_as_typed(api: Api) -> None:
    person = api.new_person()
    person = joined(api, password=f" {person.password} é ")
    typed = person.password
    expect(login(person)).status(200)
    third = len(typed) // 3
    places = [start + secrets.randbelow(third) for start in (0, third, 2 * third)]
    for near in (typed.strip(), typed.swapcase(), *(changed(typed, at) for at in (*places, -1))):
        expect(login(person, password=near)).status(401)


def changed(text: str, at: int) -> str:
    """Return the text with another letter at one place, and as many bytes."""
    at %= len(text)
    others = "xy" if text[at].isascii() else "èê"
    return text[:at] + others[text[at] == others[0]] + text[at + 1 :]


@check(
    "Text behind a NUL or behind the 72nd byte of a password counts",
    task=1,
    catches="PW-05 PW-05b PW-06",
    why="bcrypt reads 72 bytes and C reads up to a NUL: cut there, two passwords open one account",
    see="OWASP Password Storage Cheat Sheet",
    after=(test_stored_hash_is_a_slow_one,),
)
def test_no_longer_password_opens(api: Api) -> None:
    person = replace(api.new_person(), password="7-Kites " * 9)
    if api.post("/register", json=person.registration).status != 422:  # that has its own check
        expect(login(person)).status(200)
        expect(login(person, password=person.password + "x")).status(401, 422)
    expect(login(api.alice, password=api.alice.password + "\0x")).status(401, 422)


# -- 2: limits for a registration ------------------------------------------------------------------


@check(
    "A user name that is taken is refused with 409, whatever its capitals",
    task=2,
    catches="PW-16 PW-17",
    why="a second ALICE can pass for alice, or take her account over",
    see="RFC 9110 §15.5.10",
    file="app.py",
    after=(test_right_password_opens,),
)
def test_taken_name_is_refused(api: Api) -> None:
    first = joined(api, username=f"Kim_{api.new_person().username}")
    second = api.new_person()
    for name in (first.username, first.username.swapcase()):
        seen = api.post("/register", json=second.registration | {"username": name})
        expect(seen).status(409).hides(first.email, second.password)
    expect(login(first, password=second.password)).status(401)
    expect(login(first)).status(200)


@check(
    "A user name has 3 to 32 plain letters, digits, _ or -",
    task=2,
    catches="PW-17 PW-25",
    why="a name with a space or a look-alike letter passes for somebody else",
    see="CWE-176",
    after=(test_newcomer_registers,),
)
def test_user_names_have_limits(api: Api) -> None:
    for good in ("x-1", "A_b-09" + "z" * 26):
        expect(registration(api, username=good)).status(201).fields(username=good)
    known = api.alice.username
    for what, bad in {
        "an empty name": "",
        "two letters": "ab",
        "33 letters": "a" * 33,
        "a space": "k im",
        "a line end behind a name": f"{known}\n",
        "a NUL behind a name": f"{known}\0",
        "a Cyrillic letter that looks like a": "\N{CYRILLIC SMALL LETTER A}lice",
        "a wide b": "\N{FULLWIDTH LATIN SMALL LETTER B}ob",
        "a digit of another alphabet": "kim\N{ARABIC-INDIC DIGIT ONE}",
        "dots and a slash": "../kim",
    }.items():
        refuses(what, registration(api, username=bad))


@check(
    "An e-mail address looks like one, and a full name has no control character",
    task=2,
    catches="PW-25",
    why="mail to no address is lost, and a line end in a name forges a line in a log",
    see="CWE-20, CWE-117",
    after=(test_newcomer_registers,),
)
def test_emails_and_full_names_have_limits(api: Api) -> None:
    name = "Zoë O'Neill-李 ".ljust(100, "é")
    seen = registration(api, email="kim.o+lists@mail.example.com", full_name=name)
    expect(seen).status(201).fields(full_name=name)
    for what, bad in {
        "an address without an @": "kim",
        "an address with nothing before the @": "@example.com",
        "an address with a space": "kim o@example.com",
        "an address of 259 characters": "kim@" + "a." * 126 + "com",
    }.items():
        refuses(what, registration(api, email=bad))
    for what, bad in {
        "an empty full name": "",
        "a full name of 101 characters": "k" * 101,
        "a line end in a full name": "Kim\nadmin logged in",
        "a line end behind a full name": "Kim\n",
        "a NUL in a full name": "\0Kim",
        "an escape character in a full name": "Kim \x1b[2J",
        "the control character 127 in a full name": "Kim\x7fO",
        "the control character 133, a line end, in a full name": "Kim\x85O",
        "the control character 159 in a full name": "Kim\x9fO",
    }.items():
        refuses(what, registration(api, full_name=bad))


@check(
    "A password has 8 characters or more",
    task=2,
    catches="PW-09",
    why="all passwords of five small letters are tried in minutes, whatever the hash",
    see="NIST SP 800-63B §3.1.1.2",
    after=(test_newcomer_registers,),
)
def test_short_passwords_are_refused(api: Api) -> None:
    expect(registration(api, password="éöü7€éö!")).status(201)
    for what, bad in {
        "an empty password": "",
        "7 characters": "7-Kites",
        "7 characters of two or three bytes each": "éöü7€éö",
    }.items():
        refuses(what, registration(api, password=bad))


@check(
    "A password has at most 72 bytes and no NUL",
    task=2,
    catches="PW-05 PW-05b PW-06 PW-08",
    why="bcrypt cannot read more, and megabytes to hash keep the server from its work",
    see="OWASP Password Storage Cheat Sheet",
    after=(test_short_passwords_are_refused,),
)
def test_long_passwords_are_refused(api: Api) -> None:
    for good in ("7-Kites " * 9, "é" * 36):
        expect(registration(api, password=good)).status(201)
    for what, bad in {
        "73 characters": "7-Kites " * 9 + "x",
        "37 characters of two bytes each": "é" * 37,
        "a NUL in a password": "7-Kites \0 in the sky",
    }.items():
        refuses(what, registration(api, password=bad))


@check(
    "Eight registrations of one name at one moment give one 201",
    task=2,
    catches="PW-16r",
    why="look first and write later: two newcomers both find the name free",
    see="CWE-367",
    file="app.py",
    after=(test_taken_name_is_refused,),
    slow=True,
)
def test_one_of_eight_gets_the_name(api: Api) -> None:
    with api.another(PASSWORD_ROUNDS="8") as slow:  # time enough to hash between look and write
        wanted = slow.new_person()
        ready = Barrier(8)

        def race(rival: Person) -> Exchange:
            ready.wait()
            return slow.post("/register", json=rival.registration)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(race, [wanted] * 8))
        for seen in answers:
            expect(seen).status(201, 409)
        won = [seen for seen in answers if seen.status == 201]
        if len(won) != 1:
            seen = won[-1] if won else answers[-1]
            expect(seen).fail("201 for one of eight", "201 for several" if won else "201 for none")
        expect(login(wanted)).status(200).fields(id=won[0].field("id"))


# -- 3: one refusal at login -----------------------------------------------------------------------


@check(
    "A wrong password or name is refused with 401 and a Bearer challenge",
    task=3,
    catches="PW-11",
    why="404 for a name tells that nobody has it; a 401 must say with which scheme to try again",
    see="RFC 9110 §15.5.2",
    file="app.py",
    after=(test_right_password_opens, test_users_file_has_its_form),
)
def test_wrong_login_is_refused(api: Api) -> None:
    nobody = api.new_person()
    expect(login(api.alice, password=api.bob.password)).refused().hides(api.alice.email)
    expect(login(api.alice)).status(200)
    expect(login(nobody)).refused().hides(nobody.password)
    for guess in ("", "password", "letmein123", api.alice.username):
        expect(login(api.alice, password=guess)).status(401, 422)
    stored = stored_hash(api.alice)
    if stored != api.alice.password:  # before that, task 1 asks for a hash
        seen = login(api.alice, password=stored)
        if seen.status not in (401, 422):
            body = seen.request.body.replace(stored.encode(), b"<the stored hash>")
            shown_as = replace(seen, request=replace(seen.request, body=body))
            expect(shown_as).fail("401 for the stored hash as a password")


@check(
    "The refusal is the same, byte for byte, for a wrong password and an unknown name",
    task=3,
    catches="PW-11",
    why="any difference in words sorts a list of names into real and not",
    see="OWASP ASVS 6.3.8",
    file="app.py",
    after=(test_wrong_login_is_refused,),
)
def test_refusals_are_the_same(api: Api) -> None:
    nobody = api.new_person()
    model = login(api.alice, password=nobody.password)
    unknown = [login(nobody), login(api.new_person())]
    known = [model, login(api.bob, password=nobody.password)]
    for seen in (*unknown, *known):
        same_refusal(model, seen)
    for name in header_names(model) - {"date"}:  # one that changes each time tells nothing
        told = [{seen.header(name) for seen in group} for group in (known, unknown)]
        if told[0] != told[1] and len(told[0]) == len(told[1]) == 1:
            wanted = f"the header {name}: {model.header(name)}, as for a wrong password"
            expect(unknown[0]).fail(wanted, str(unknown[0].header(name)))


def header_names(seen: Exchange) -> set[str]:
    """Return which headers an answer has."""
    return {name.lower() for name, _ in seen.answer.headers} - {"content-length"}


def same_refusal(model: Exchange, seen: Exchange) -> None:
    """Ask that a refusal is the one for a wrong password."""
    expect(seen).status(401)
    if seen.answer.body != model.answer.body:
        expect(seen).fail(f"the refusal of a wrong password: {shown(model.text)}", shown(seen.text))
    for name in ("www-authenticate", "content-type"):
        if seen.header(name) != model.header(name):
            wanted = f"the header {name}: {model.header(name)}, as for a wrong password"
            expect(seen).fail(wanted, str(seen.header(name)))
    if other := sorted(header_names(seen) ^ header_names(model)):
        more = "one more" if other[0] in header_names(seen) else "one less"
        expect(seen).fail("the headers of the refusal of a wrong password", f"{more}: {other[0]}")


@check(
    "A disabled user gets that same refusal",
    task=3,
    catches="PW-14",
    why="a door that was closed stays closed, and does not tell that there is one",
    see="OWASP Authentication Cheat Sheet",
    after=(test_wrong_login_is_refused, test_users_file_is_read_again),
)
def test_disabled_user_is_refused(api: Api) -> None:
    person, wrong = api.register(), api.new_person().password
    model = login(person, password=wrong)
    found = users(api)
    found[person.username]["disabled"] = True
    api.stored.store_users(found)
    same_refusal(model, login(person))
    same_refusal(model, login(person, password=wrong))
    found[person.username]["disabled"] = False
    api.stored.store_users(found)
    expect(login(person)).status(200)


@check(
    "A name that nobody can have opens nothing and breaks nothing",
    task=3,
    catches="PW-25",
    why="a crash tells what the code is made of, and a name read loosely opens another account",
    see="CWE-755",
    after=(test_wrong_login_is_refused,),
)
def test_odd_names_open_nothing(api: Api) -> None:
    person = api.alice
    known = person.username
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in known)
    for name in ("", "\N{WAVING HAND SIGN}", f"{known}\0", f" {known}", wide, "a" * 5000):
        expect(in_short(login(person, username=name))).status(401, 422)
    expect(login(person)).status(200)


# -- 4: a 422 without the input --------------------------------------------------------------------


@check(
    "A 422 for a missing field does not send the password back",
    task=4,
    catches="PW-22",
    why="answers end up in logs, error pages and bug reports, and the password with them",
    see="CWE-209",
    after=(test_all_fields_are_needed,),
)
def test_missing_field_tells_no_password(api: Api) -> None:
    person = api.new_person()
    for path, body in (("/register", person.registration), ("/login", person.credentials)):
        del body["username"]
        expect(api.post(path, json=body)).status(422).hides(person.password)


def entries(seen: Exchange) -> list[dict[str, Any]]:
    """Return the entries of a 422, or end the check."""
    expect(seen).status(422)
    detail = seen.field("detail")
    if not isinstance(detail, list) or not all(isinstance(one, dict) for one in detail):
        expect(seen).fail('{"detail": [...]} with an object for each fault', shown(seen.text))
    return detail


@check(
    "Each entry of a 422 has loc, msg and type, and no input or password",
    task=4,
    catches="PW-22",
    why="a client learns from these three what to mend; the input only helps who reads along",
    see="CWE-209",
    after=(test_short_passwords_are_refused, test_missing_field_tells_no_password),
)
def test_refused_input_is_not_repeated(api: Api) -> None:
    secret = api.new_person().password
    faults = [("password", secret[:7]), ("password", secret * 9), ("password", f"{secret}\0")]
    faults += [("password", [secret]), ("password", secret * 125_000), ("email", "kim")]
    for field, value in faults:
        body = api.new_person().registration | {"password": secret, field: value}
        seen = api.post("/register", json=body)
        found = entries(in_short(seen))
        expect(seen).hides(secret[:7])
        for text in {secret, secret[:7]}:
            expect(seen).hides(*(form.decode() for _, form in disguises(text)))
        for entry in found:
            for name in ("loc", "msg", "type"):
                if not entry.get(name):
                    expect(seen).fail("an entry with loc, msg and type", f"no {name}")
            if "input" in entry:
                expect(seen).fail("an entry without the input", "a key called input")
        if not any(field in one["loc"] for one in found):
            expect(seen).fail(f"an entry whose loc names {field}", shown(found[0]["loc"]))


@check(
    "A lone surrogate is bad input, and no crash",
    task=4,
    catches="PW-25",
    why="half a character cannot be written as UTF-8: who repeats it breaks while answering",
    see="RFC 8259 §8.2",
    after=(test_missing_field_tells_no_password,),
)
def test_lone_surrogate_is_bad_input(api: Api) -> None:
    half = "\ud800"
    for field, value in api.new_person().registration.items():
        expect(registration(api, **{field: value + half})).status(422)
    person = api.alice
    for field, value in person.credentials.items():
        expect(login(person, **{field: value + half})).status(401, 422)


# -- at the end: what all of it has left behind ---------------------------------------------


@check(
    "In the end the log holds no password and no hash, and no file a password",
    task=None,
    points=0,
    catches="IL-09",
    why="many people and programs read logs, and logs are kept for years",
    see="CWE-532",
    after=(test_right_password_opens,),
)
def test_log_holds_no_password(api: Api) -> None:
    person, nobody = api.register(), api.new_person()
    expect(login(person)).status(200)
    login(person, password=nobody.password)
    api.post("/login", json={"password": nobody.password})
    registration(api, username="k m", password=nobody.password)
    for secret, kind in (
        (person.password, "a password"),
        (nobody.password, "a password that was refused"),
        (stored_hash(person), "a hash"),
    ):
        if secret in api.server.log:
            raise Failed("no password and no hash in the log", f"{kind} in it")
    if fits(person.password, stored_hash(person)):  # before that, task 1 asks for it
        is_kept_nowhere(api, person.password, nobody.password)


@check(
    "At the default settings a guess at a hash is slow",
    task=1,
    catches="PW-04",
    why="each step of bcrypt's cost doubles what a thief pays for each guess",
    see="OWASP Password Storage Cheat Sheet",
    after=(test_stored_hash_is_a_slow_one,),
    slow=True,
)
def test_default_cost_is_high(api: Api) -> None:
    with api.another(PASSWORD_ROUNDS="") as usual:
        person = usual.register()
        found = stored_hash(person)
    cost, argon2id = cost_of(found), ARGON2ID.fullmatch(found)
    if cost is not None and cost < 10:
        raise Failed("bcrypt's cost to be 10 or more when PASSWORD_ROUNDS is not set", f"{cost}")
    if argon2id:
        memory, passes = int(argon2id["memory"]), int(argon2id["passes"])
        if not any(memory >= least and passes >= few for least, few in FAIR_ARGON2ID):
            raise Failed(
                "argon2id with 19 MiB and 2 passes, or as much work",
                f"{memory // 1024} MiB and {passes} passes",
            )
    is_a_hash_of(person.password, found)


@check(
    "An unknown name costs as much time as a wrong password",
    task=3,
    catches="PW-12 PW-13",
    why="with a stop-watch a quick refusal tells which names nobody has",
    see="CWE-208",
    after=(test_refusals_are_the_same, test_disabled_user_is_refused),
    slow=True,
)
def test_unknown_name_takes_as_long(api: Api) -> None:
    # One reading proves nothing: medians of readings in turn, and three tries before it counts.
    with api.another(PASSWORD_ROUNDS="9") as slow:
        person, off, nobody = slow.register(), slow.register(), slow.new_person()
        found = users(slow)
        found[off.username]["disabled"] = True
        slow.stored.store_users(found)
        for _ in range(3):
            took: dict[str, list[float]] = {}
            last = {}
            for _ in range(5):
                for who, one in (("known", person), ("an unknown name", nobody), ("off", off)):
                    started = perf_counter()
                    last[who] = login(one, password="not-this-one")
                    took.setdefault(who, []).append(perf_counter() - started)
                    expect(last[who]).status(401)
            usual = median(took.pop("known"))
            odd = {who: median(times) / usual for who, times in took.items()}
            odd = {who: ratio for who, ratio in odd.items() if not 1 / 3 < ratio < 3}
            if not odd:
                return
    who, ratio = next(iter(odd.items()))
    expect(last[who]).fail(
        "about as much time as for a wrong password",
        ("a third of it or less" if ratio < 1 else "three times as much or more")
        + (" for a disabled user" if who == "off" else ""),
    )
