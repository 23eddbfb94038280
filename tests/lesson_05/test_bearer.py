"""Lesson 5: two routes ask for a token in the Authorization header, and nowhere else."""

import base64
import secrets
from typing import Any
from urllib.parse import urljoin

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge, request

STORED_FIELDS = ("id", "username", "email", "full_name", "password_hash", "disabled")
NEED_A_TOKEN = (
    "a route that answers without a token answers everybody, and only a 401 tells honest"
    " clients to bring one"
)


def profile_of(person: Person) -> str:
    """Return the address of somebody's profile."""
    return f"/profile?username={person.username}"


def token_of(person: Person) -> str:
    """Ask `POST /token` for a token, as an OAuth2 client does."""
    seen = person.api.post("/token", form=person.credentials)
    return expect(seen).status(200).text_field("access_token")


def refuses_other_schemes(api: Api, path: str, person: Person) -> None:
    """Send a good token in all the ways that are not `Bearer`, a space, and the token."""
    token, other = person.token, f"Z{secrets.token_hex(4)}"  # a scheme that no list can hold
    secret = base64.b64encode(f"{person.username}:{person.password}".encode()).decode()
    for value in (
        f"Basic {secret}",
        f"Basic {token}",
        f"Token {token}",
        f"JWT {token}",
        token,
        f"Bearer{token}",
        f"Bearers {token}",
        f"Basic Bearer {token}",
        f"{other} {token}",
    ):
        expect(api.get(path, headers={"Authorization": value})).refused("")


def refuses_tokens_elsewhere(api: Api, path: str, token: str) -> None:
    """Send a good token in the address, a form, a cookie and other headers."""
    joint, other = "&" if "?" in path else "?", f"z{secrets.token_hex(4)}"
    for name in ("access_token", "token"):
        expect(api.get(f"{path}{joint}{name}={token}")).refused("")
        expect(api.get(path, form={name: token})).refused("")
    names = ("jwt", "bearer_token", "auth", other)
    expect(api.get(path + joint + "&".join(f"{name}={token}" for name in names))).refused("")
    cookie = "; ".join(f"{name}={token}" for name in ("access_token", "token", "jwt", other))
    expect(api.get(path, headers={"Cookie": cookie})).refused("")
    for text in (token, f"Bearer {token}"):
        names = ("X-Access-Token", "X-Auth-Token", "Proxy-Authorization", f"X-{other}")
        expect(api.get(path, headers=dict.fromkeys(names, text))).refused("")


def refuses_empty_tokens(api: Api, path: str) -> None:
    """Send `Bearer` with nothing behind it, and a header with nothing in it."""
    for value in ("Bearer", "Bearer ", "Bearer    ", ""):
        expect(api.get(path, headers={"Authorization": value})).refused("")


def inside(whole: Any, *names: str) -> Any:
    """Return what stands at this place of nested JSON objects, or None."""
    for name in names:
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole


def schemes_asked(seen: Exchange, path: str) -> set[str]:
    """Return the names of the security schemes that GET at this path asks for."""
    asked = inside(seen.json, "paths", path, "get", "security") or inside(seen.json, "security")
    one_of = asked if isinstance(asked, list) else []
    return {name for one in one_of if isinstance(one, dict) for name in one}


def login_schemes(seen: Exchange) -> dict[str, str]:
    """Return the `tokenUrl` of each scheme with the OAuth2 password flow, by name."""
    schemes = inside(seen.json, "components", "securitySchemes")
    found = {}
    for name, scheme in (schemes if isinstance(schemes, dict) else {}).items():
        address = inside(scheme, "flows", "password", "tokenUrl")
        if inside(scheme, "type") == "oauth2" and isinstance(address, str):
            found[name] = address
    return found


# -- kept from before ----------------------------------------------------------------------------


@check(
    "Registration, login and introspection stay open",
    task=None,
    points=0,
    why="who has no token yet must be able to get one: ask for it at two routes alone",
)
def test_other_routes_stay_open(api: Api) -> None:
    guest = api.new_person()
    expect(api.post("/register", json=guest.registration)).status(201)
    seen = api.post("/login", json=guest.credentials)
    token = expect(seen).status(200).text_field("access_token")
    token_of(guest)
    expect(api.post("/introspect", form={"token": token})).status(200).fields(active=True)


@check(
    "The docs stay open",
    task=None,
    points=0,
    why="who wants to use the API reads there how to get a token",
)
def test_docs_stay_open(api: Api) -> None:
    expect(api.get("/docs")).status(200)
    expect(api.get("/openapi.json")).status(200)


@check(
    "With a token, /profile answers as before",
    task=None,
    points=0,
    why="a door that is shut for everybody protects nobody: honest callers need their answer",
    see="RFC 6750 §2.1",
    after=(test_other_routes_stay_open,),
)
def test_profile_answers_with_a_token(api: Api) -> None:
    alice, bob = api.alice, api.bob
    for token in (alice.token, token_of(bob)):
        for person in (alice, bob):
            shown = {"username": person.username, "full_name": person.full_name}
            expect(api.get(profile_of(person), token=token)).status(200).fields(**shown)
        expect(api.get("/profile?username=nobody", token=token)).status(404)


@check(
    "With a token, /profile shows username and full_name alone",
    task=None,
    points=0,
    why="a token opens the door; it does not make private fields public",
    see="OWASP API3:2023",
    after=(test_profile_answers_with_a_token,),
)
def test_profile_shows_no_more_than_before(api: Api) -> None:
    for person in (api.alice, api.bob):
        seen = api.get(profile_of(person), token=api.alice.token)
        expect(seen).status(200).only("username", "full_name")


@check(
    "With a token, /protected answers with a JSON object",
    task=None,
    points=0,
    why="a door that is shut for everybody protects nobody: honest callers need their answer",
    see="RFC 6750 §2.1",
    after=(test_other_routes_stay_open,),
)
def test_protected_answers_with_a_token(api: Api) -> None:
    for token in (api.alice.token, token_of(api.bob)):
        seen = expect(api.get("/protected", token=token)).status(200)
        if not isinstance(seen.exchange.json, dict):
            seen.fail("a JSON object", seen.exchange.text[:40] or "an empty body")


@check(
    "Login and registration refuse as before",
    task=None,
    points=0,
    why="each lesson builds on the promises of those before it",
    after=(test_other_routes_stay_open,),
)
def test_logins_refuse_as_before(api: Api) -> None:
    alice, ghost = api.alice, api.new_person("ghost")
    wrong = alice.credentials | {"password": ghost.password}
    expect(api.post("/login", json=wrong)).refused()
    expect(api.post("/login", json=ghost.credentials)).refused()
    refused, unknown = (api.post("/token", form=one) for one in (wrong, ghost.credentials))
    expect(refused).status(400, 401)
    if (unknown.status, unknown.text) != (refused.status, refused.text):
        expect(unknown).fail("the answer that a wrong password gets at /token", unknown.text[:80])
    expect(api.post("/login", json=alice.credentials)).header("Cache-Control", "no-store")
    expect(api.post("/token", form=alice.credentials)).header("Cache-Control", "no-store")
    expect(api.post("/register", json=alice.registration)).status(409)
    short = ghost.registration | {"password": "6-Kite"}
    expect(api.post("/register", json=short)).status(422).hides("6-Kite")
    kept.registrations_keep_limits(api)
    kept.disabled_logs_in_nowhere(api)
    kept.token_is_sound(api.post("/login", json=alice.credentials), alice)


@check(
    "users.json keeps its form, and no file holds a password",
    task=None,
    points=0,
    why="each lesson builds on the promises of those before it",
    after=(test_other_routes_stay_open,),
)
def test_stored_data_stays_as_before(api: Api) -> None:
    guest = api.new_person()
    seen = api.post("/register", json=guest.registration)
    expect(seen).status(201).hides(guest.password)
    missing = set(STORED_FIELDS) - set(api.stored.users().get(guest.username, {}))
    if missing:
        expect(seen).fail(
            f"an entry with {', '.join(STORED_FIELDS)}", f"none with {', '.join(sorted(missing))}"
        )
    for name, content in api.stored.files().items():
        if guest.password.encode() in content:
            expect(seen).fail("a password that is stored nowhere", f"it in the file {name}")


@check(
    "A bad token is still inactive at /introspect",
    task=None,
    points=0,
    why="each lesson builds on the promises of those before it",
    after=(test_other_routes_stay_open,),
)
def test_bad_tokens_stay_inactive(api: Api) -> None:
    token = api.alice.token
    stolen = forge.payload_swapped(token, sub=api.bob.id)
    ended = forge.forge(token, api.secret_key, {"exp": forge.claims_of(token)["iat"] - 60})
    for bad in (stolen, ended, forge.unsigned(token), "any-string"):
        seen = api.post("/introspect", form={"token": bad})
        expect(seen).status(200).only("active").fields(active=False)


# -- your turn 1: /profile -----------------------------------------------------------------------


@check(
    "Without a token, /profile answers 401",
    task=1,
    points=2,
    catches="TR-01 TR-07 CU-08",
    why=NEED_A_TOKEN,
    file="security.py and app.py",
    see="RFC 6750 §3.1",
    after=(test_profile_answers_with_a_token,),
)
def test_profile_needs_a_token(api: Api) -> None:
    for person in (api.alice, api.bob):
        expect(api.get(profile_of(person))).status(401).hides(person.full_name)
    alice = api.alice
    methods = ("POST", "HEAD", "PUT", "PATCH", "DELETE")
    doors = [(method, "/profile") for method in methods]
    doors += [("GET", "/profile/"), ("POST", "/profile/")]
    name = {"username": alice.username}
    # Other doors to the same room: shut, or not there.
    for seen in api.ask(*(request(method, path, params=name) for method, path in doors)):
        expect(seen).no_crash().hides(alice.full_name)
        if seen.status < 300:
            expect(seen).fail("401, or no such route", f"{seen.status}")


@check(
    "The 401 of /profile says what to send: WWW-Authenticate: Bearer",
    task=1,
    points=1,
    catches="TR-01 TR-06",
    why="a client learns from this header which key fits; an error code would blame a token"
    " that nobody sent",
    see="RFC 6750 §3",
    after=(test_profile_needs_a_token,),
)
def test_profile_says_what_to_send(api: Api) -> None:
    expect(api.get(profile_of(api.alice))).refused("")


@check(
    "Without a token, an unknown name is refused like a known one",
    task=1,
    points=1,
    why="a 404 before the 401 tells strangers which names exist",
    file="app.py",
    see="OWASP API3:2023",
    after=(test_profile_needs_a_token,),
)
def test_profile_refuses_before_it_looks(api: Api) -> None:
    for username in ("nobody", "alicia"):
        expect(api.get(f"/profile?username={username}")).status(401)


@check(
    "Only the scheme Bearer counts at /profile",
    task=1,
    points=2,
    catches="TR-02",
    why="a guard in front that looks for Bearer tokens overlooks one that travels under"
    " another name",
    see="RFC 6750 §2.1",
    after=(test_profile_says_what_to_send,),
)
def test_profile_wants_the_scheme_bearer(api: Api) -> None:
    refuses_other_schemes(api, profile_of(api.alice), api.alice)


@check(
    "/profile reads bearer and BEARER like Bearer",
    task=1,
    points=1,
    catches="TR-03",
    why="the name of a scheme has no capitals of its own, and clients write it as they like",
    see="RFC 9110 §11.1",
    after=(test_profile_needs_a_token,),
)
def test_profile_ignores_the_case_of_bearer(api: Api) -> None:
    for word in ("bearer", "BEARER"):
        sent = {"Authorization": f"{word} {api.alice.token}"}
        expect(api.get(profile_of(api.bob), headers=sent)).status(200)


@check(
    "A token in the address or in a form does not count at /profile",
    task=1,
    points=1,
    catches="TR-08",
    why="an address ends up in logs, in the history and in links: so would the token",
    see="RFC 6750 §2.3",
    after=(test_profile_says_what_to_send,),
)
def test_profile_takes_no_token_elsewhere(api: Api) -> None:
    refuses_tokens_elsewhere(api, profile_of(api.alice), api.alice.token)


@check(
    "/openapi.json says where a token comes from",
    task=1,
    points=2,
    why="the Authorize button of /docs sends the password to the address that stands there",
    see="OpenAPI 3.1, OAuth Flow Object",
    after=(test_profile_answers_with_a_token,),
)
def test_docs_say_where_a_token_comes_from(api: Api) -> None:
    seen = api.get("/openapi.json")
    addresses = login_schemes(seen)
    wanted = "a scheme of type oauth2 whose password flow has the tokenUrl token"
    if not addresses:
        expect(seen).fail(wanted, "no such scheme")
    if not any(leads_to_token(address) for address in addresses.values()):
        expect(seen).fail(wanted, f"tokenUrl {', '.join(addresses.values())}")


def leads_to_token(address: str) -> bool:
    """Tell whether a `tokenUrl` leads from the page with the docs to `/token`."""
    try:
        return urljoin("http://api/docs", address) == "http://api/token"
    except ValueError:
        return False


@check(
    "/openapi.json says that /profile asks for this token",
    task=1,
    points=1,
    why="/docs draws a lock beside a route, and sends the token to it, only if the route says so",
    file="app.py",
    see="OpenAPI 3.1, Security Requirement Object",
    after=(test_docs_say_where_a_token_comes_from,),
)
def test_docs_show_that_profile_asks(api: Api) -> None:
    seen = api.get("/openapi.json")
    asked, logins = schemes_asked(seen, "/profile"), login_schemes(seen)
    if not any(leads_to_token(logins[name]) for name in asked if name in logins):
        expect(seen).fail(
            f"GET /profile with security: {' or '.join(logins)}",
            f"security: {', '.join(sorted(asked)) or 'none'}",
        )


# -- your turn 2: /protected ---------------------------------------------------------------------


@check(
    "Without a token, /protected answers 401",
    task=2,
    points=1,
    catches="TR-01 TR-07 CU-08",
    why=NEED_A_TOKEN,
    file="security.py and app.py",
    see="RFC 6750 §3.1",
    after=(test_protected_answers_with_a_token,),
)
def test_protected_needs_a_token(api: Api) -> None:
    expect(api.get("/protected")).status(401)


@check(
    "The 401 of /protected says what to send: WWW-Authenticate: Bearer",
    task=2,
    points=1,
    catches="TR-01 TR-06",
    why="a client learns from this header which key fits; an error code would blame a token"
    " that nobody sent",
    see="RFC 6750 §3",
    after=(test_protected_needs_a_token,),
)
def test_protected_says_what_to_send(api: Api) -> None:
    expect(api.get("/protected")).refused("")


@check(
    "Only a Bearer token in the header counts at /protected",
    task=2,
    points=1,
    catches="TR-02 TR-08",
    why="what works at one door must be refused at the other too, or there is no rule",
    see="RFC 6750 §2",
    after=(test_protected_says_what_to_send,),
)
def test_protected_wants_the_scheme_bearer(api: Api) -> None:
    refuses_other_schemes(api, "/protected", api.alice)
    refuses_tokens_elsewhere(api, "/protected", api.alice.token)


@check(
    "/protected reads bearer and BEARER like Bearer",
    task=2,
    points=1,
    catches="TR-03",
    why="the name of a scheme has no capitals of its own, and clients write it as they like",
    see="RFC 9110 §11.1",
    after=(test_protected_needs_a_token,),
)
def test_protected_ignores_the_case_of_bearer(api: Api) -> None:
    for word in ("bearer", "BEARER"):
        sent = {"Authorization": f"{word} {api.alice.token}"}
        expect(api.get("/protected", headers=sent)).status(200)


@check(
    "An empty token is refused at /protected",
    task=2,
    points=1,
    catches="TR-04",
    why="the word Bearer alone is no ticket: everybody can write it",
    see="RFC 6750 §2.1",
    after=(test_protected_says_what_to_send,),
)
def test_protected_refuses_an_empty_token(api: Api) -> None:
    refuses_empty_tokens(api, "/protected")


@check(
    "/openapi.json says that /protected asks for a token",
    task=2,
    points=1,
    why="/docs draws a lock beside a route, and sends the token to it, only if the route says so",
    file="security.py and app.py",
    see="OpenAPI 3.1, Security Requirement Object",
    after=(test_protected_answers_with_a_token,),
)
def test_docs_show_that_protected_asks(api: Api) -> None:
    seen = api.get("/openapi.json")
    known = inside(seen.json, "components", "securitySchemes")
    asked = schemes_asked(seen, "/protected")
    if not asked & set(known if isinstance(known, dict) else ()):
        expect(seen).fail(
            "GET /protected with a security entry", ", ".join(sorted(asked)) or "none"
        )


# -- your turn 3: no token behind the scheme -----------------------------------------------------


@check(
    "An empty token is refused at /profile",
    task=3,
    points=2,
    catches="TR-04",
    why="the word Bearer alone is no ticket: everybody can write it",
    see="RFC 6750 §2.1",
    after=(test_profile_says_what_to_send,),
)
def test_profile_refuses_an_empty_token(api: Api) -> None:
    refuses_empty_tokens(api, profile_of(api.alice))


@check(
    "Odd bytes in the header never lead to a 500",
    task=3,
    points=1,
    catches="TR-04",
    why="a crash tells an attacker that nobody thought of this, and fills the log",
    see="RFC 9110 §5.5",
    after=(test_profile_needs_a_token,),
)
def test_odd_bytes_do_no_harm(api: Api) -> None:
    odd = ("Bearer \xff\xfe", "Bearer \xc3\xa9\xf0\x9f", "\xe9\xe9", "Bearer a\tb c")
    for path in (profile_of(api.alice), "/protected"):
        for value in odd:
            seen = api.get(path, headers={"Authorization": value})
            if seen.status not in range(200, 500):
                expect(seen).status(200, 401)


# -- at the end: what all of it has left behind ---------------------------------------------


@kept.nothing_printed(after=(test_other_routes_stay_open,))
def test_log_holds_no_password(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
