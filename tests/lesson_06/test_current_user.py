"""Lesson 6: each route knows who is calling, and gives every bad token one refusal."""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge, request

ROUTES = (("GET", "/profile"), ("GET", "/users/me"), ("GET", "/protected"), ("POST", "/introspect"))
USER = ("id", "username", "email", "full_name")
OTHER_KEY = "mallory-has-a-key-of-her-own-and-it-is-long"
ENDED = "a token that has ended"
DISABLED = "the token of a user who is disabled"
GONE = "the token of a user who is gone"
ANOTHER_KEY = "a token signed with another key"
LONG = 400
"""Tokens longer than this are cut in messages."""


# -- asking ----------------------------------------------------------------------------------


def shortened(seen: Exchange) -> Exchange:
    """Return the exchange with long headers cut, so that a message stays readable."""
    headers = tuple(
        (name, value if len(value) <= LONG else f"{value[:40]}…({len(value):,} characters)")
        for name, value in seen.request.headers
    )
    return replace(seen, request=replace(seen.request, headers=headers))


def profiles(api: Api, tokens: Iterable[str]) -> list[Exchange]:
    """Return what /profile says to each of these tokens, in order."""
    seen = api.ask(*(request("GET", "/profile", token=token) for token in tokens))
    return [shortened(one) for one in seen]


def heard(api: Api, path: str, token: str | None) -> Exchange | None:
    """Return the last answer that GET gave to this token, if there is one.

    Not for tokens whose user has been changed since they were last sent.
    """
    wanted = request("GET", path, token=token)
    return next((seen for seen in reversed(api.exchanges) if seen.request == wanted), None)


def answered(api: Api, path: str, token: str | None) -> Exchange:
    """Return the last answer that GET gave to this token, asking only if there is none."""
    return heard(api, path, token) or api.get(path, token=token)


def kept_out(seen: Exchange, what: str) -> None:
    """The token was refused, in whatever form: task 3 judges the form."""
    if seen.status in (0, 501):
        expect(seen).status(401)
    if not 400 <= seen.status < 500:
        expect(seen).fail(f"401 for {what}", f"{seen.status}")


def welcomed(seen: Exchange, person: Person) -> None:
    """The answer greets this person and holds what they may know of themselves."""
    expect(seen).status(200).fields(
        username=person.username, id=person.id, email=person.email, full_name=person.full_name
    )
    message = expect(seen).text_field("message")
    if "welcome" not in message.lower() or person.username not in message:
        expect(seen).fail(f'the message "Welcome {person.username}"', f'"{message[:80]}"')


# -- tokens and people -------------------------------------------------------------------------


def by_name(person: Person) -> Exchange:
    """Return what /profile says to a good token whose sub holds the user's name."""
    return person.api.get("/profile", token=resigned(person, sub=person.username))


def ended(person: Person, seconds: int = 5, key: str = "") -> str:
    """Return a token of theirs that ended so many seconds ago."""
    return _ended(person.token, seconds, key or person.api.secret_key)


@cache  # the same text whenever it is asked for, so that its answer can be found again
def _ended(token: str, seconds: int, key: str) -> str:
    now = int(time.time())
    return forge.forge(token, key, {"iat": now - seconds - 900, "exp": now - seconds})


def resigned(person: Person, **claims: Any) -> str:
    """Return their token with claims changed, signed with the server's own key."""
    return forge.forge(person.token, person.api.secret_key, claims)


def gone(api: Api) -> Person:
    """Return somebody who has a good token and is in users.json no more."""
    person = api.person("leaver")
    assert person.token
    kept = {name: user for name, user in api.stored.users().items() if user.get("id") != person.id}
    api.stored.store_users(kept)
    return person


def disabled(api: Api) -> Person:
    """Return somebody who has a good token and is disabled in users.json."""
    person = locked(api)
    users = api.stored.users()
    users[person.username]["disabled"] = True
    api.stored.store_users(users)
    return person


def locked(api: Api) -> Person:
    """Return somebody whom another process of the app registered, with a good token."""
    name, alice = "locked", api.alice
    if known := api.known(name):
        return known
    person = api.new_person(name)
    person.id = alice.id[:-1] + ("1" if alice.id[-1] != "1" else "2")
    person._token = resigned(alice, sub=person.id)
    fields = {"id": person.id, "username": person.username, "email": person.email}
    users = api.stored.users()
    users[person.username] = (
        users.get(alice.username, {}) | fields | {"full_name": person.full_name}
    )
    api.stored.store_users(users)
    return person


@dataclass
class Refusals:
    """Bad tokens by their cause, and what /profile answered to each."""

    home: Path = Path()
    tokens: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Exchange] = field(default_factory=dict)


_last = Refusals()


def refusals(api: Api) -> Refusals:
    """Return what /profile answers to one bad token of each cause."""
    global _last
    if _last.home != api.data_dir:
        alice, bob, key = api.alice, api.bob, api.secret_key
        tokens = {
            "a text that is no token": "any-string",
            "a token with a changed payload": forge.payload_swapped(bob.token, sub=alice.id),
            ANOTHER_KEY: forge.forge(alice.token, OTHER_KEY),
            "an ended token signed with another key": ended(alice, key=OTHER_KEY),
            "an unsigned token (alg none)": forge.unsigned(alice.token),
            "a token signed by HS512": forge.forge(alice.token, key, None, {"alg": "HS512"}),
            "a token without exp": resigned(alice, exp=forge.LEFT_OUT),
            "a token without sub": resigned(alice, sub=forge.LEFT_OUT),
            "a token whose sub is a list": resigned(alice, sub=[alice.id]),
            "a token whose sub nobody has": resigned(alice, sub="nobody-has-this-id"),
            GONE: gone(api).token,
            DISABLED: disabled(api).token,
            ENDED: ended(alice),
        }
        profiles(api, [one for one in tokens.values() if not heard(api, "/profile", one)])
        seen = {what: answered(api, "/profile", token) for what, token in tokens.items()}
        _last = Refusals(api.data_dir, tokens, seen)
    return _last


# -- what is kept from earlier lessons -----------------------------------------------------------


@check(
    "Registration, login and the pages of the documentation stay open",
    task=None,
    points=0,
    why="who has no token yet must be able to get one: a lock on the ticket office sells none",
)
def test_open_doors_stay_open(api: Api) -> None:
    alice = api.new_person("alice")  # from here on she is `api.alice`
    seen = api.post("/register", json=alice.registration)
    alice.id = expect(seen).status(201).only(*USER).text_field("id")
    *logins, docs, schema = api.ask(
        request("POST", "/token", form=alice.credentials),
        request("POST", "/login", json=alice.credentials),
        request("GET", "/docs"),
        request("GET", "/openapi.json"),
    )
    for seen in logins:
        expect(seen).status(200).fields(token_type="bearer")
        expect(seen).header("Cache-Control", "no-store")
        alice._token = expect(seen).text_field("access_token")
    expect(docs).status(200)
    expect(schema).status(200)
    if not any(address.strip("/") == "token" for address in _token_urls(schema.json)):
        expect(schema).fail("an oauth2 scheme with tokenUrl: token", "none in /openapi.json")


def _token_urls(schema: Any) -> Iterator[str]:
    """Return where the OAuth2 schemes of an OpenAPI document say that tokens are to be had."""
    try:
        for scheme in schema["components"]["securitySchemes"].values():
            if scheme["type"] == "oauth2":
                yield str(scheme["flows"]["password"]["tokenUrl"])
    except (KeyError, TypeError, AttributeError):
        return


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-22",
    why="a new lock on one door must not loosen the hinges of another",
    after=(test_open_doors_stay_open,),
)
def test_earlier_promises_hold(api: Api) -> None:
    alice, stranger = api.alice, api.new_person("stranger")
    guess = alice.credentials | {"password": "not-hers-at-all"}
    wrong, unknown, form, taken, weak = api.ask(
        request("POST", "/login", json=guess),
        request("POST", "/login", json=stranger.credentials),
        request("POST", "/token", form=guess),
        request("POST", "/register", json=alice.registration),
        request("POST", "/register", json=stranger.registration | {"password": "k1te-!"}),
    )
    expect(wrong).refused()
    expect(unknown).refused()
    if unknown.text != wrong.text:
        expect(unknown).fail("the body that a wrong password gets", unknown.text[:80])
    expect(form).status(400, 401)
    expect(taken).status(409)
    expect(weak).status(422).hides("k1te-!")
    kept.registrations_keep_limits(api)
    kept.disabled_logs_in_nowhere(api)
    kept.token_is_sound(api.post("/login", json=alice.credentials), alice)


@check(
    "What `sub` holds is looked up as the user's id",
    task=None,
    points=0,
    why="the starter did so: your tokens name a user by id, and names are not ids",
    see="RFC 7519 §4.1.2",
    after=(test_open_doors_stay_open,),
)
def test_sub_is_looked_up_as_an_id(api: Api) -> None:
    alice = api.alice
    seen = api.get("/profile", token=alice.token)
    if seen.status != 200 and by_name(alice).status == 200:
        got = f"{seen.status}, and 200 for a sub that holds the name {alice.username}"
        expect(seen).fail("200 for a sub that holds Alice's id", got)


@check(
    "The owner of a good token is welcomed by name",
    task=None,
    points=0,
    catches="MT-05",
    why="the starter welcomed honest callers: whose id `sub` holds must still get an answer",
    see="RFC 7519 §4.1.2",
    after=(test_sub_is_looked_up_as_an_id,),
)
def test_caller_is_welcomed(api: Api) -> None:
    welcomed(answered(api, "/profile", api.alice.token), api.alice)
    bob = api.bob
    form = api.post("/token", form=bob.credentials).json
    token = form.get("access_token") if isinstance(form, dict) else None
    welcomed(api.get("/profile", token=str(token)), bob)
    bob._token = str(token)  # one login less: Alice's came from /login


@check(
    "A request without a token is refused",
    task=None,
    points=0,
    catches="CU-08 CU-09 TR-01 TR-02 TR-04 TR-08",
    why="who has not shown a token is nobody yet: a guest account in its place lets everybody in",
    see="RFC 6750 §3",
    after=(test_caller_is_welcomed,),
)
def test_no_token_is_refused(api: Api) -> None:
    good = api.alice.token
    bare = [request("GET", path) for path in ("/profile", "/users/me", "/protected")]
    odd = ("Bearer", "Bearer  ", "", "\xe9\xff", good, f"Bearer{good}")
    odd += tuple(f"{scheme} {good}" for scheme in ("Basic", "Token", "JWT"))
    wrong = [request("GET", "/profile", headers={"Authorization": text}) for text in odd]
    query = {"access_token": good, "token": good}
    cookie = {"Cookie": "; ".join(f"{name}={good}" for name in (*query, "jwt"))}
    header = dict.fromkeys(("X-Access-Token", "X-Auth-Token"), good)
    for one in bare[:]:
        bare += [request(one.method, one.path, headers=sent) for sent in (cookie, header)]
        bare.append(request(one.method, one.path, params=query))
    for seen in api.ask(*bare, *wrong):
        expect(seen).refused()


# -- your turn 1 -----------------------------------------------------------------------------------


@check(
    "A text that is no token is refused",
    task=1,
    points=1,
    catches="VF-35",
    why="who cannot be recognised must stay outside: a stranger's account is an open door",
    see="OWASP API2:2023",
    after=(test_no_token_is_refused,),
)
def test_any_string_is_refused(api: Api) -> None:
    for seen in profiles(api, ("any-string", api.alice.id)):
        kept_out(seen, "a text that is no token")


@check(
    "A forged token is refused",
    task=1,
    points=1,
    catches="VF-01 VF-02 VF-07 VF-08",
    why="everybody can write Alice's id into a token; only the signature shows who wrote it",
    see="RFC 7519 §7.2",
    after=(test_any_string_is_refused,),
)
def test_forged_token_is_refused(api: Api) -> None:
    alice, bob = api.alice, api.bob
    head, body, _ = alice.token.split(".")
    forged = {
        "Bob's token with Alice's id in it": forge.payload_swapped(bob.token, sub=alice.id),
        ANOTHER_KEY: forge.forge(alice.token, OTHER_KEY),
        "a token with an empty signature": f"{head}.{body}.",
        "an unsigned token (alg none)": forge.unsigned(alice.token),
    }
    for what, seen in zip(forged, profiles(api, forged.values()), strict=True):
        kept_out(seen, what)
    # Nothing but the key tells these apart: no list of issued tokens, no claim, no order.
    keys = [api.secret_key] * 3 + [OTHER_KEY, secrets.token_hex(24)]
    random.shuffle(keys)
    twins = []
    for key in keys:
        fresh = {"exp": int(time.time()) + random.randint(61, 3000)}
        fresh |= {f"x{secrets.token_hex(3)}": random.randrange(1000)}
        twins.append(forge.forge(alice.token, key, fresh))
    for key, seen in zip(keys, profiles(api, twins), strict=True):
        if key != api.secret_key:
            kept_out(seen, ANOTHER_KEY)
        elif seen.status != 200:
            expect(seen).fail(
                "200 for a token signed with the right key, with another exp and one more claim",
                f"{seen.status}",
            )


@check(
    "A token that names another algorithm than HS256 is refused",
    task=1,
    points=1,
    catches="VF-03 VF-36",
    why="one key, one algorithm: who lets the token choose lets the attacker choose",
    see="RFC 8725 §3.1",
    after=(test_forged_token_is_refused,),
)
def test_only_hs256_is_taken(api: Api) -> None:
    named = {"with alg HS384": "HS384", "with alg HS512": "HS512", "without alg": forge.LEFT_OUT}
    good, key = api.alice.token, api.secret_key
    tokens = [forge.forge(good, key, None, {"alg": name}) for name in named.values()]
    for what, seen in zip(named, profiles(api, tokens), strict=True):
        kept_out(seen, f"a token {what}, signed with the right key")


@check(
    "A token that has ended is refused, in every time zone",
    task=1,
    points=1,
    catches="VF-09 VF-14 MT-03",
    why="a token from an old log or backup would open the account for ever",
    see="RFC 7519 §4.1.4",
    after=(test_any_string_is_refused,),
    beside={"TZ": "Asia/Tokyo"},
)
def test_ended_token_is_refused(api: Api) -> None:
    kept_out(api.get("/profile", token=ended(api.alice)), "a token that ended 5 s ago")
    # A clock without a zone is right in London alone: tokens live on elsewhere, or never live.
    with api.another(TZ="Asia/Tokyo") as tokyo:
        good, late = profiles(tokyo, (tokyo.alice.token, ended(tokyo.alice, 60)))
        if good.status != 200:
            expect(good).fail("200 for a fresh token on a server in Tokyo", f"{good.status}")
        kept_out(late, "a token that ended 60 s ago, on a server in Tokyo")


@check(
    "A crafted token is refused and crashes nothing",
    task=1,
    points=1,
    catches="VF-27 VF-29 VF-30 VF-34 TR-04",
    why="a crash that needs no key and no account is a switch in every attacker's hand",
    see="RFC 8725 §2.4",
    after=(test_any_string_is_refused,),
)
def test_crafted_token_crashes_nothing(api: Api) -> None:
    good, key = api.alice.token, api.secret_key
    _, body, signature = good.split(".")
    header = forge.header_of(good)
    nested = b"[" * 12000
    crafted = {
        "40,000 letters": "a" * 40000,
        "bytes outside of ASCII": "caf\xe9.\xff.\xfe",
        "a header that is no base64": f"%%%.{body}.{signature}",
        "a header that is a list": forge.signed(b"[]", forge.claims_of(good), key),
        "a header nested 12,000 levels deep": forge.signed(nested, forge.claims_of(good), key),
        "an alg that is a list": forge.forge(good, key, None, {"alg": ["HS256"]}),
        "a payload that is a list": forge.signed(header, b"[]", key),
        "a payload nested 12,000 levels deep": forge.signed(header, nested, key),
    }
    for what, seen in zip(crafted, profiles(api, crafted.values()), strict=True):
        kept_out(seen, f"a token with {what}")


@check(
    "A token with a claim missing or of a wrong type is refused",
    task=1,
    points=1,
    catches="VF-10 VF-11 VF-13 VF-15",
    why="a token without an end lives for ever; an odd sub crashes what looks it up",
    see="RFC 7519 §4.1",
    after=(test_forged_token_is_refused, test_ended_token_is_refused),
)
def test_odd_claims_are_refused(api: Api) -> None:
    alice = api.alice
    absent, soon = forge.LEFT_OUT, int(time.time()) + 3600
    odd: tuple[tuple[str, Any], ...] = (
        ("exp", absent), ("exp", None), ("exp", "9999999999"),
        ("iat", absent), ("nbf", soon),
        ("sub", absent), ("sub", None), ("sub", ""), ("sub", 1), ("sub", [alice.id]),
        ("sub", {"id": alice.id}), ("sub", "\ud800"),
    )  # fmt: skip
    tokens = {}
    for claim, value in odd:
        shown = {list: "a list", dict: "an object"}.get(type(value), json.dumps(value, default=str))
        if claim == "nbf":
            shown = "in the future"
        what = f"without {claim}" if value is absent else f"whose {claim} is {shown}"
        tokens[what] = resigned(alice, **{claim: value})
    text = json.dumps(forge.claims_of(alice.token) | {"exp": "?"}).replace('"?"', "1e400")
    header = forge.header_of(alice.token)
    tokens["whose exp is 1e400"] = forge.signed(header, text.encode(), api.secret_key)
    for what, seen in zip(tokens, profiles(api, tokens.values()), strict=True):
        kept_out(seen, f"a signed token {what}")


# -- your turn 2 -----------------------------------------------------------------------------------


@check(
    "A token whose sub is nobody's id is refused",
    task=2,
    points=1,
    catches="VF-16 CU-05",
    why="an id found by near enough, or made up when missing, gives one person another's account",
    see="RFC 8725 §3.8",
    after=(test_any_string_is_refused,),
)
def test_unknown_sub_is_refused(api: Api) -> None:
    alice = api.alice
    others = {
        "nobody-has-this-id": "nobody's id",
        alice.username: "a user name and no id",
        alice.id.swapcase(): "Alice's id with other capitals",
        alice.id[:-1]: "Alice's id without its last character",
        f"{alice.id}\0": "Alice's id with a NUL behind it",
        f" {alice.id} ": "Alice's id with a blank before and behind it",
        alice.id.replace("-", ""): "Alice's id without its dashes",
        f"{alice.id[:8]}-{alice.id[8:]}": "Alice's id with one dash more",
        "x" * 5000: "a text of 5,000 characters",
    }
    known = {person.id for person in api.people.values()}
    tokens = {what: resigned(alice, sub=sub) for sub, what in others.items() if sub not in known}
    for what, seen in zip(tokens, profiles(api, tokens.values()), strict=True):
        kept_out(seen, f"a token whose sub is {what}")


@check(
    "A user who is gone is refused from the next request on",
    task=2,
    points=1,
    catches="CU-01",
    why="a dismissed colleague still holds a good token: only a look at the users ends it",
    see="OWASP ASVS 5.0 V7.4.2",
    after=(test_any_string_is_refused,),
)
def test_gone_user_is_refused(api: Api) -> None:
    person = api.register("leaver")
    token = person.token
    expect(api.get("/profile", token=token)).status(200)
    users = api.stored.users()
    users.pop(person.username, None)
    api.stored.store_users(users)
    kept_out(api.get("/profile", token=token), "a user who is gone from users.json")
    again = api.post("/register", json=person.registration)
    expect(again).status(201)
    what = "the old token of a name that somebody has registered again"
    kept_out(api.get("/profile", token=token), what)


@check(
    "A user who is disabled is refused from the next request on",
    task=2,
    points=1,
    catches="CU-02",
    why="the admin has locked Mallory out, and her token still opens the door",
    see="OWASP ASVS 5.0 V7.4.2",
    after=(test_any_string_is_refused,),
)
def test_disabled_user_is_refused(api: Api) -> None:
    person = locked(api)
    expect(api.get("/profile", token=person.token)).status(200)
    disabled(api)
    kept_out(api.get("/profile", token=person.token), "a user who is disabled in users.json")


# -- your turn 3 -----------------------------------------------------------------------------------


@check(
    'A bad token gets 401 with error="invalid_token", no token gets no error',
    task=3,
    points=1,
    catches="TR-05 TR-06 TR-07 CU-03",
    why="a client that reads invalid_token fetches a new token; 403 or 404 tells it to give up",
    see="RFC 6750 §3.1",
    after=(test_any_string_is_refused,),
)
def test_refusal_follows_the_standard(api: Api) -> None:
    for what, seen in refusals(api).seen.items():
        if not 400 <= seen.status < 500:
            continue  # let in, or crashed: a check of its own says so
        if seen.status != 401:
            expect(seen).fail(f"401 for {what}", f"{seen.status}")
        expect(seen).refused("invalid_token")
    for path in ("/profile", "/users/me", "/protected"):
        expect(answered(api, path, None)).refused("")


@check(
    "Every cause gets the same refusal",
    task=3,
    points=1,
    catches="IL-05",
    why="a refusal that names its cause tells a forger what to mend, and who has an account",
    see="RFC 8725 §3.8; CWE-209",
    after=(test_refusal_follows_the_standard,),
)
def test_refusals_are_the_same(api: Api) -> None:
    seen_by_cause = refusals(api).seen
    first = next(iter(seen_by_cause.values()))
    challenge = first.header("www-authenticate")
    again = kept.headers_of(api.get("/profile", token="any-string"))
    # A header that is new each time, such as a request's number, tells nothing by its value.
    fixed = {name for name, values in kept.headers_of(first).items() if again.get(name) == values}
    for what, seen in seen_by_cause.items():
        if what == ENDED or seen.status != 401:
            continue
        if seen.answer.body != first.answer.body:
            got = f"another one for {what}"
            expect(seen).fail(f"the body that any string gets, {first.text[:100]}", got)
        if seen.header("www-authenticate") != challenge:
            got = f"another one for {what}"
            expect(seen).fail(f"the WWW-Authenticate that any string gets, {challenge}", got)
        found = kept.headers_of(seen)
        odd = sorted(found.keys() ^ again.keys())
        odd += [name for name in sorted(fixed & found.keys()) if found[name] != again[name]]
        if odd:
            got = f"other ones for {what}: {', '.join(odd)}"
            expect(seen).fail("the headers that any string gets", got)


# -- your turn 4 -----------------------------------------------------------------------------------


@check(
    "/profile holds the caller's User, the message, and nothing else",
    task=4,
    points=1,
    catches="CU-14",
    why="a hash that leaves the house can be guessed at home, as often as the thief likes",
    see="OWASP API3:2023",
    after=(test_caller_is_welcomed,),
)
def test_profile_holds_no_more(api: Api) -> None:
    expect(answered(api, "/profile", api.alice.token)).status(200).only("message", *USER)


@check(
    "/users/me returns the caller's User",
    task=4,
    points=1,
    catches="CU-14",
    why="a client asks this route who is signed in: another's data, or more data, is a leak",
    see="OWASP API3:2023",
    after=(test_caller_is_welcomed,),
)
def test_me_is_the_caller(api: Api) -> None:
    person = api.bob  # Alice follows in only_the_token_counts
    seen = api.get("/users/me", token=person.token)
    expect(seen).status(200).only(*USER)
    expect(seen).fields(
        username=person.username, id=person.id, email=person.email, full_name=person.full_name
    )


@check(
    "/introspect answers only who sends a good token in the header",
    task=4,
    points=1,
    catches="VF-39",
    why="open to all, it tells a thief which of his tokens still work",
    see="RFC 7662 §2.1",
    after=(test_any_string_is_refused,),
)
def test_introspect_wants_a_token(api: Api) -> None:
    alice, bob = api.alice, api.bob
    asked = (
        (None, alice.token),
        (OTHER_KEY, alice.token),
        (alice.token, bob.token),
        (alice.token, forge.forge(bob.token, OTHER_KEY)),
        (alice.token, ended(bob)),
        (alice.token, ""),
    )
    nobody, stranger, good, *bad = api.ask(
        *(request("POST", "/introspect", token=own, form={"token": token}) for own, token in asked)
    )
    expect(nobody).refused("")
    form = {"token": bob.token, "access_token": alice.token}
    expect(api.post("/introspect", form=form)).refused("")
    kept_out(stranger, "a good token in the form and a bad one in the header")
    expect(good).status(200).fields(active=True, sub=bob.id).number_field("exp")
    for seen in bad:
        expect(seen).status(200).fields(active=False).only("active")


@check(
    "/introspect calls the token of a user who is gone or disabled inactive",
    task=2,
    points=1,
    catches="CU-01 CU-02",
    why="another service that asks would go on serving a user who is locked out here",
    file="security.py and app.py",
    see="RFC 7662 §4",
    after=(test_any_string_is_refused,),
)
def test_introspect_knows_the_users(api: Api) -> None:
    alice, bob = api.alice, api.bob
    seen = api.post("/introspect", token=alice.token, form={"token": bob.token})
    expect(seen).status(200).fields(active=True).hides(bob.password)
    if str(api.stored.users().get(bob.username, {}).get("password_hash", "$2b$")) in seen.text:
        expect(seen).fail("an answer without a hash", "a hash in it")
    for person, what in (
        (gone(api), "a user who is gone"),
        (disabled(api), "a user who is disabled"),
    ):
        seen = api.post("/introspect", token=alice.token, form={"token": person.token})
        expect(seen).status(200)
        if seen.json != {"active": False}:
            expect(seen).fail(f'{{"active": false}} for the token of {what}', seen.text[:80])


@check(
    "/protected looks at the token it asks for",
    task=4,
    points=1,
    catches="CU-10",
    why="a route that takes any string is an open route with a longer address",
    see="OWASP API2:2023",
    after=(test_any_string_is_refused,),
)
def test_protected_wants_a_good_token(api: Api) -> None:
    kept_out(api.get("/protected", token="any-string"), "a text that is no token")
    seen = api.get("/protected", token=api.alice.token)
    expect(seen).status(200)
    if not isinstance(seen.json, dict):
        expect(seen).fail("a JSON object", seen.text[:80] or "an empty body")


@check(
    "Each of the four routes refuses what /profile refuses",
    task=4,
    points=1,
    catches="CU-04 VF-39",
    why="attackers try every door: the one that checks the signature alone lets old users in",
    see="OWASP API2:2023",
    after=(
        test_refusal_follows_the_standard,
        test_me_is_the_caller,
        test_introspect_wants_a_token,
        test_protected_wants_a_good_token,
    ),
)
def test_every_route_refuses(api: Api) -> None:
    asked = refusals(api)
    causes = {
        "/users/me": (ANOTHER_KEY, ENDED, DISABLED),
        "/protected": (ANOTHER_KEY, "a token without sub", ENDED, DISABLED, GONE),
        "/introspect": (ENDED, DISABLED, GONE),  # another key: see introspect_wants_a_token
    }
    doors = [
        (method, path, what)
        for method, path in ROUTES[1:]
        for what in causes[path]
        if asked.seen[what].status == 401  # else a check of its own says so
    ]
    requests = []
    for method, path, what in doors:
        token = asked.tokens[what]
        form = {"token": token} if path == "/introspect" else None
        requests.append(request(method, path, token=token, form=form))
    for (_, _, what), seen in zip(doors, api.ask(*requests), strict=True):
        kept_out(seen, f"{what}, as at /profile")
        expect(seen).refused("invalid_token")


@check(
    "What an answer says of a user comes from users.json, not from the token",
    task=4,
    points=1,
    catches="CU-07",
    why="a token is as old as its login: names, addresses and rights change in the meantime",
    file="security.py",
    see="OWASP ASVS 5.0 V8.3.2",
    after=(test_me_is_the_caller,),
)
def test_answers_come_from_the_store(api: Api) -> None:
    alice, person = api.alice, api.bob
    claims = {"username": alice.username, "email": alice.email, "full_name": alice.full_name,
              "id": alice.id, "name": alice.full_name, "preferred_username": alice.username,
              "roles": ["admin"], "disabled": True}  # fmt: skip
    token = resigned(person, **claims)
    users = api.stored.users()
    person.full_name = "Bob Newname"
    users.get(person.username, {})["full_name"] = person.full_name
    api.stored.store_users(users)
    greeting, own = api.ask(
        *(request("GET", path, token=token) for path in ("/profile", "/users/me"))
    )
    welcomed(greeting, person)
    expect(own).status(200).fields(
        username=person.username, id=person.id, email=person.email, full_name=person.full_name
    )


@check(
    "Only the token says who is calling",
    task=4,
    points=1,
    catches="TR-13 TR-14 TR-15",
    why="everybody can write a name into an address or a header; nobody has to prove it there",
    file="app.py and security.py",
    see="CWE-290, CWE-639",
    after=(test_me_is_the_caller,),
)
def test_only_the_token_counts(api: Api) -> None:
    alice, bob = api.alice, api.bob
    names = {"username": bob.username, "user": bob.username, "user_id": bob.id, "id": bob.id,
             "sub": bob.id}  # fmt: skip
    headers = {
        "X-User": bob.username, "X-User-Id": bob.id, "X-Forwarded-User": bob.username,
        "X-Act-As": bob.id, "X-Forwarded-For": "127.0.0.1", "Referer": "http://127.0.0.1/docs",
        "Origin": "http://127.0.0.1", "Cookie": f"user={bob.id}; username={bob.username}",
    }  # fmt: skip
    asked = (("/profile", None), ("/profile", alice.token), ("/users/me", alice.token))
    nobody, *own = api.ask(
        *(request("GET", path, token=token, params=names, headers=headers) for path, token in asked)
    )
    expect(nobody).refused()
    for seen in own:
        expect(seen).status(200).fields(username=alice.username, id=alice.id)


@check(
    "Many callers at one moment each get their own answer",
    task=4,
    points=1,
    catches="CU-12",
    why="a user kept in a global variable belongs to whoever calls next",
    see="OWASP ASVS 5.0 V15.4.1",
    after=(test_me_is_the_caller,),
)
def test_many_callers_at_once(api: Api) -> None:
    callers = [(path, person) for path in ("/users/me",) * 4 + ("/profile",)
               for person in (api.alice, api.bob)]  # fmt: skip
    calls = [request("GET", path, token=person.token) for path, person in callers]
    for (_, person), seen in zip(callers, api.at_once(*calls), strict=True):
        expect(seen).status(200)
        name = seen.field("username")
        if name != person.username:
            # Whose answer it is depends on chance, and a report must not.
            unnamed = replace(seen, answer=replace(seen.answer, body=b""))
            expect(unnamed).fail("the caller's own answer", "the answer for another caller")


# -- at the end: what all of it has left behind ---------------------------------------------


@kept.nothing_printed(after=(test_open_doors_stay_open,))
def test_log_holds_no_password(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
