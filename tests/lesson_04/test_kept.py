"""Lesson 4: what the lessons before promised still holds beside the new door."""

import time

from workbook.grading import Api, check, expect, forge

LONG_PASSWORD = "p" * 100


@check(
    "Registration and profiles work as before",
    task=None,
    points=0,
    why="a new door must not change what comes through the old ones",
    see="OWASP API3:2023",
)
def test_registration_and_profile_hold(api: Api) -> None:
    for name in ("alice", "carol"):
        person = api.new_person(name)
        seen = api.post("/register", json=person.registration, caller=person.username)
        expect(seen).status(201).fields(
            username=person.username, email=person.email, full_name=person.full_name
        ).only("id", "username", "email", "full_name")
        person.id = expect(seen).text_field("id")
        seen = api.get("/profile", params={"username": person.username})
        expect(seen).status(200).fields(username=person.username, full_name=person.full_name)
        expect(seen).only("username", "full_name")
    expect(api.get("/profile", params={"username": "nobody-here"})).status(404)


@check(
    "Bad registrations are refused, and the refusal holds no password",
    task=None,
    points=0,
    catches="PW-17 PW-22",
    why="a password that comes back in an error ends up in logs and on screens",
    see="OWASP ASVS 5.0 V16.2.5",
    after=(test_registration_and_profile_hold,),
)
def test_bad_registrations_are_refused(api: Api) -> None:
    taken = api.alice.registration | {"username": api.alice.username.upper()}
    expect(api.post("/register", json=taken)).status(409)
    newcomer = api.new_person("dave")
    for password in ("Ab3-xyz", "nul\0-in-the-middle", "73-bytes" + "p" * 65):
        seen = api.post("/register", json=newcomer.registration | {"password": password})
        expect(seen).status(422).hides(password)
    nameless = {key: value for key, value in newcomer.registration.items() if key != "username"}
    expect(api.post("/register", json=nameless)).status(422).hides(newcomer.password)


@check(
    "POST /login still takes JSON and answers with a token",
    task=None,
    points=0,
    why="programs that log in with JSON since lesson 3 must find their door where it was",
    see="RFC 6749 §5.1",
    after=(test_registration_and_profile_hold,),
)
def test_login_takes_json(api: Api) -> None:
    for person in (api.alice, api.bob):
        asked = expect(api.post("/login", json=person.credentials, caller=person.username))
        asked.status(200)
        token = asked.text_field("access_token")
        kind = asked.text_field("token_type")
        if kind.lower() != "bearer":
            asked.fail("the field token_type to be bearer", f"token_type: {kind}")
        try:
            sub = forge.claims_of(token).get("sub")
        except forge.NoToken as problem:
            asked.fail("a token of three parts", str(problem))
        if sub != person.id:
            asked.fail(f"a token with the sub {person.id}", f"the sub {sub}")


@check(
    "POST /login refuses everybody else with one and the same 401",
    task=None,
    points=0,
    catches="PW-05b PW-11 PW-14",
    why="a refusal that differs tells Mallory which names exist",
    see="OWASP ASVS 5.0 V6.3.8",
    after=(test_login_takes_json,),
)
def test_login_refuses_alike(api: Api) -> None:
    disabled = api.register("erin")
    users = api.stored.users()
    users[disabled.username]["disabled"] = True
    api.stored.store_users(users)
    first = api.post("/login", json=api.alice.credentials | {"password": "Wrong-1-password"})
    expect(first).refused()
    for body in (
        {"username": "nobody-here", "password": api.alice.password},
        disabled.credentials,
    ):
        seen = api.post("/login", json=body)
        expect(seen).refused()
        if seen.answer.body != first.answer.body:
            expect(seen).fail(f"the same body as for a wrong password: {first.text}", seen.text)
    for odd in ("nul\0-inside", LONG_PASSWORD, ["x", api.alice.password], "\ud800"):
        seen = api.post("/login", json=api.alice.credentials | {"password": odd})
        expect(seen).status(401, 422).hides(api.alice.password)


@check(
    "Stored data holds hashes, and no password",
    task=None,
    points=0,
    catches="PW-01",
    why="whoever steals the file can log in as everybody",
    see="OWASP ASVS 5.0 V11.4.2",
    after=(test_registration_and_profile_hold,),
)
def test_passwords_are_stored_as_hashes(api: Api) -> None:
    people = (api.register("judy"), api.register("kim"))
    last = expect(api.exchanges[-1])
    users = api.stored.users()
    wanted = {"id", "username", "email", "full_name", "password_hash", "disabled"}
    for person in people:
        stored = users.get(person.username, {})
        if missing := wanted - set(stored):
            last.fail(f"users.json with {person.username} and all fields", f"no {min(missing)}")
        if not str(stored["password_hash"]).startswith(("$2", "$argon2id$")):
            last.fail("a bcrypt or argon2id hash in users.json", "text that is none")
        for file, content in api.stored.files().items():
            if person.password.encode() in content:
                last.fail("no password in the data folder", f"one in the file {file}")


@check(
    "POST /introspect tells good tokens from bad ones",
    task=None,
    points=0,
    catches="VF-01 VF-02 VF-07 VF-09",
    why="a token that anybody can write or keep for ever opens every account",
    see="RFC 7519 §7.2",
    after=(test_login_takes_json,),
)
def test_introspect_tells_good_from_bad(api: Api) -> None:
    token, key = api.alice.token, api.secret_key
    seen = api.post("/introspect", form={"token": forge.forge(token, key)})
    expect(seen).status(200).fields(active=True, sub=api.alice.id)
    for kind, bad in {
        "text that is no token": "no-token-at-all",
        "a token with a changed payload": forge.payload_swapped(token, sub=api.bob.id),
        "an unsigned token (alg: none)": forge.unsigned(token),
        "a token signed with another key": forge.forge(token, "a key of Mallory's own, 32 bytes"),
        "a token that ended a minute ago": forge.forge(token, key, {"exp": int(time.time()) - 60}),
        "a token without exp": forge.forge(token, key, {"exp": forge.LEFT_OUT}),
        "a token whose exp is a text": forge.forge(token, key, {"exp": "9999999999"}),
        "a token without sub": forge.forge(token, key, {"sub": forge.LEFT_OUT}),
    }.items():
        seen = api.post("/introspect", form={"token": bad})
        expect(seen).status(200)
        if seen.json != {"active": False}:
            expect(seen).fail(f'{{"active": false}} for {kind}', seen.text[:100])
