"""Lesson 4: an OAuth2 client asks for a token with a form, and can read every answer."""

import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote_plus, urlencode

from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.grading.expect import shown

FORM = "application/x-www-form-urlencoded"
WRONG = "Wrong-1-password"
TYPED = " Käse & +50% = ja; "
Fields = Iterable[tuple[str, str]]


def filled(person: Person, **more: str) -> list[tuple[str, str]]:
    """Return the form that a client sends for somebody, with fields changed or added."""
    return list(({"grant_type": "password"} | person.credentials | more).items())


def ask(api: Api, fields: Fields) -> Exchange:
    """Send the form to POST /token."""
    return api.post("/token", form=list(fields))


def raw(api: Api, body: bytes, content_type: str = FORM, *headers: tuple[str, str]) -> Exchange:
    """Send these bytes to POST /token."""
    return api.post("/token", body=body, headers=[("Content-Type", content_type), *headers])


def multipart(api: Api, fields: Fields) -> Exchange:
    """Send the form to POST /token as multipart/form-data."""
    parts = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    )
    return raw(api, f"{parts}--edge--\r\n".encode(), "multipart/form-data; boundary=edge")


def not_accepted(seen: Exchange, such_as: str) -> None:
    """Any 4xx will do; the message names the one that suits best."""
    if 400 <= seen.status < 500:
        return
    if seen.status == 501 or seen.answer.problem.startswith("no whole answer"):
        expect(seen).status(int(such_as))
    token = " and a token" if holds_token(seen) else ""
    expect(seen).fail(f"a 4xx such as {such_as}", seen.answer.problem or f"{seen.status}{token}")


def holds_token(seen: Exchange) -> bool:
    """Whether the answer gives a token away."""
    return isinstance(seen.json, dict) and "access_token" in seen.json


def claims(seen: Exchange) -> dict[str, Any]:
    """Return the claims of the token in an answer."""
    try:
        return forge.claims_of(expect(seen).status(200).text_field("access_token"))
    except forge.NoToken as problem:
        expect(seen).fail("an access_token of three parts", str(problem))


def directives(seen: Exchange) -> set[str]:
    """Return what Cache-Control says, from all headers of that name."""
    values = [value for name, value in seen.answer.headers if name.lower() == "cache-control"]
    return {part.partition("=")[0].strip().lower() for part in ",".join(values).split(",")}


def not_kept(seen: Exchange) -> None:
    """The answer holds a token, and Cache-Control holds no-store."""
    expect(seen).status(200).text_field("access_token")
    if "no-store" not in directives(seen):
        got = seen.header("cache-control")
        expect(seen).fail(
            "the header Cache-Control: no-store",
            f"Cache-Control: {got}" if got else "no Cache-Control header",
        )


# -- the door ----------------------------------------------------------------------------------


@check(
    "The form gets a token at POST /token",
    task=None,
    points=0,
    catches="TR-11",
    why="a client looks for access_token and token_type, and gives up without them",
    see="RFC 6749 §5.1",
    after=("registration_and_profile_hold",),
)
def test_form_gets_a_token(api: Api) -> None:
    for person in (api.alice, api.bob):
        asked = expect(ask(api, filled(person))).status(200)
        asked.text_field("access_token")
        kind = asked.text_field("token_type")
        if kind.lower() != "bearer":
            asked.fail("the field token_type to be bearer", f"token_type: {kind}")


@check(
    "A wrong password gets no token at POST /token, and no crash",
    task=None,
    points=0,
    catches="PW-11",
    why="a login that does not look at the password is none",
    see="OWASP API2:2023",
    after=(test_form_gets_a_token,),
)
def test_wrong_password_gets_no_token(api: Api) -> None:
    for fields in (
        filled(api.alice, password=api.bob.password),
        filled(api.alice, username="nobody-here"),
    ):
        seen = ask(api, fields)
        expect(seen).no_crash()
        if holds_token(seen):
            expect(seen).fail("no token", f"{seen.status} and a token")


@check(
    "The token of POST /token is as good at /introspect as that of /login",
    task=None,
    points=0,
    catches="MT-06",
    why="two doors with two kinds of token are two doors to guard",
    see="RFC 7662 §2.2",
    after=(test_form_gets_a_token,),
)
def test_token_is_good_at_introspect(api: Api) -> None:
    for person in (api.bob, api.alice):
        token = expect(ask(api, filled(person))).status(200).text_field("access_token")
        told = expect(api.post("/introspect", form={"token": token})).status(200)
        told.fields(active=True, sub=person.id)


@check(
    "The payload of a token holds nothing private",
    task=None,
    points=0,
    catches="MT-04",
    why="everybody who sees a token can read its payload",
    see="RFC 7519 §12",
    after=(test_form_gets_a_token, "login_takes_json"),
)
def test_payload_is_not_private(api: Api) -> None:
    alice = api.alice
    for seen in (api.post("/login", json=alice.credentials), ask(api, filled(alice))):
        payload = str(claims(seen))
        for secret in (alice.password, alice.email, "$2", "$argon2"):
            if secret in payload:
                expect(seen).fail("a payload without anything private", f"{secret} in it")


@check(
    "expires_in counts the seconds until the token's exp",
    task=None,
    points=0,
    catches="TR-11 MT-03",
    why="a client asks for a new token when this number of seconds is over",
    see="RFC 6749 §5.1",
    after=(test_form_gets_a_token, "login_takes_json"),
    beside={"ACCESS_TOKEN_MINUTES": "7", "TZ": "Asia/Tokyo"},
)
def test_expires_in_fits_exp(api: Api) -> None:
    with api.another(ACCESS_TOKEN_MINUTES="7", TZ="Asia/Tokyo") as tokyo:
        for server, minutes in ((api, 15), (tokyo, 7)):
            alice = server.alice
            for seen in (ask(server, filled(alice)), server.post("/login", json=alice.credentials)):
                asked = expect(seen).status(200)
                exp = claims(seen).get("exp")
                if not isinstance(exp, int | float) or not 0 < exp < 1e12:
                    asked.fail("seconds since 1970 as the token's exp", shown(exp))
                left = exp - time.time()
                setting = f"ACCESS_TOKEN_MINUTES={minutes}"
                if not abs(left - minutes * 60) <= 5:
                    asked.fail(
                        f"a token that ends after {minutes} minutes, as {setting} says",
                        f"one that ends after {left / 60:.0f} minutes",
                    )
                seconds = asked.number_field("expires_in")
                if not abs(seconds - minutes * 60) <= 5 or seconds % 1:
                    asked.fail(
                        f"expires_in: {minutes * 60}, the seconds until exp with {setting}",
                        f"expires_in: {shown(seconds)}",
                    )


@check(
    "A password goes through the form as it was typed, blanks and signs included",
    task=None,
    points=0,
    catches="PW-10",
    why="a form writes a blank as + and & as %26; undone wrongly, the right password fails",
    see="RFC 6749 Appendix B",
    after=(test_form_gets_a_token,),
)
def test_typed_password_goes_through(api: Api) -> None:
    person = api.new_person("greta")
    person.password = TYPED
    expect(api.post("/register", json=person.registration)).status(201)
    expect(ask(api, filled(person))).status(200)
    seen = ask(api, filled(person, password=TYPED.strip()))
    if holds_token(seen):
        expect(seen).fail("no token, as the blanks at both ends are missing", "a token")


@check(
    "What else an OAuth2 client sends breaks nothing",
    task=None,
    points=0,
    why="real clients add client_id, client_secret and scope, in the form or in a header",
    see="RFC 6749 §2.3.1",
    after=(test_form_gets_a_token,),
)
def test_client_fields_break_nothing(api: Api) -> None:
    client = {"client_id": "a-client", "client_secret": "its-secret"}
    for more in ({"scope": ""} | dict.fromkeys(client, ""), client, {"scope": "notes:read"}):
        expect(ask(api, filled(api.alice, **more))).status(200).text_field("access_token")
    seen = raw(
        api,
        urlencode(filled(api.alice)).encode(),
        f"{FORM};charset=UTF-8",
        ("Authorization", "Basic YS1jbGllbnQ6aXRzLXNlY3JldA=="),
    )
    expect(seen).status(200).text_field("access_token")
    alice, wrong = api.alice, api.alice.credentials | {"password": "not-hers-at-all"}
    own = {"client_id": alice.username, "client_secret": alice.password}
    for sent in ({"form": wrong | own}, {"form": wrong, "params": alice.credentials}):
        seen = api.post("/token", **sent)
        if seen.field("access_token"):
            where = "the address" if "params" in sent else "client_secret"
            expect(seen).fail(f"no token for a right password in {where}, beside a wrong one")


@check(
    "A scope in the form gives nothing",
    task=None,
    points=0,
    catches="SC-01",
    why="who may name their own rights in a form is admin with the next request",
    see="RFC 6749 §3.3",
    after=(test_client_fields_break_nothing,),
)
def test_scope_gives_nothing(api: Api) -> None:
    seen = ask(api, filled(api.mallory, scope="users:admin notes:write"))
    if "users:admin" in str(claims(seen)):
        expect(seen).fail("a token without the scope that was asked for", "users:admin in it")
    expect(seen).hides("users:admin")


@check(
    "GET gives no token at /token and /login",
    task=None,
    points=0,
    catches="PW-21",
    why="an address with a password in it stays in logs, in the history and in caches",
    see="OWASP ASVS 5.0 V14.2.1",
    after=(test_form_gets_a_token,),
)
def test_get_is_refused(api: Api) -> None:
    for path in ("/token", "/login"):
        not_accepted(api.get(path, params=dict(filled(api.alice))), "405")


@check(
    "Odd text in the form is refused, and crashes nothing",
    task=None,
    points=0,
    catches="PW-05b PW-08 PW-25",
    why="an input that crashes the login fills the log and hides other attacks",
    see="OWASP API8:2023",
    after=(test_form_gets_a_token,),
)
def test_odd_text_is_refused(api: Api) -> None:
    name = quote_plus(api.alice.username).encode()
    usual = ask(api, filled(api.alice, password=WRONG)).status  # judged by a check of its own
    for body in (
        b"username=&password=",
        b"username=%s&password=nul%%00-inside" % name,
        b"username=%s%%00&password=nul-in-a-name" % name,
        b"username=%s&password=%%ED%%A0%%80" % name,
        b"username=%%FF%%FE&password=%s" % api.alice.password.encode(),
        b"username=%s&password=caf\xe9-in-latin-1" % name,
        b"username=\xef\xbf\xbf\xe9&password=some-password",
        b"username=%s&password=%s" % (name, b"p" * 100),
        b"username=%s&password=%s" % (name, b"p" * 1_000_000),
        b"username=%s&password=some-password" % (b"a" * 5000),
    ):
        seen = raw(api, b"grant_type=password&" + body)
        if holds_token(seen) or seen.status != usual or usual >= 500:
            not_accepted(seen, "400")


# -- task 1: the form --------------------------------------------------------------------------


@check(
    "JSON where a form is due is refused",
    task=1,
    points=2,
    catches="TR-11",
    why="a crash tells Mallory where nobody has looked; a second form of login is a second door",
    see="RFC 6749 §4.3.2",
    after=(test_form_gets_a_token,),
)
def test_json_is_refused(api: Api) -> None:
    not_accepted(api.post("/token", json=dict(filled(api.alice))), "422")
    not_accepted(api.post("/token", json=["password"]), "422")
    not_accepted(raw(api, b"hello", "text/plain"), "422")
    not_accepted(api.post("/token"), "422")


@check(
    "A form without username or without password is refused",
    task=1,
    points=2,
    catches="PW-09",
    why="a client that forgets a field should learn so, and the server should live on",
    see="RFC 6749 §4.3.2",
    after=(test_form_gets_a_token,),
)
def test_missing_field_is_refused(api: Api) -> None:
    for missing in ("username", "password"):
        whole = filled(api.alice)
        not_accepted(ask(api, [one for one in whole if one[0] != missing]), "422")
    in_the_address = dict(filled(api.alice))
    not_accepted(api.post("/token", params=in_the_address, form={"scope": ""}), "422")


@check(
    "A grant_type other than password is refused",
    task=1,
    points=2,
    why="a client that asks for one thing and gets another trusts an answer that is not its own",
    see="RFC 6749 §4.3.2",
    after=(test_form_gets_a_token,),
)
def test_other_grants_are_refused(api: Api) -> None:
    for grant in ("client_credentials", "refresh_token", "passwords", "PASSWORD"):
        not_accepted(ask(api, filled(api.alice, grant_type=grant)), "400")


@check(
    "No refusal at POST /token repeats the password",
    task=1,
    points=1,
    catches="PW-22",
    why="an error with the password in it ends up in logs and on screens",
    see="OWASP ASVS 5.0 V16.2.5",
    after=(test_json_is_refused, test_missing_field_is_refused, test_other_grants_are_refused),
)
def test_refusals_hide_the_password(api: Api) -> None:
    password = api.alice.password
    expect(ask(api, [("password", password)])).hides(password)
    expect(api.post("/token", json=api.alice.credentials)).hides(password)
    expect(ask(api, filled(api.alice, grant_type="client_credentials"))).hides(password)
    expect(ask(api, [*filled(api.alice), ("password", WRONG)])).hides(WRONG)
    expect(ask(api, filled(api.alice, password=WRONG))).hides(WRONG)


# -- task 2: caches ----------------------------------------------------------------------------


@check(
    "No cache may keep the answer of POST /token",
    task=2,
    points=2,
    catches="TR-10",
    why="a proxy or a shared browser hands its copy of the token to the next person",
    see="RFC 6749 §5.1",
    after=(test_form_gets_a_token,),
)
def test_token_answer_is_not_kept(api: Api) -> None:
    not_kept(ask(api, filled(api.alice)))


@check(
    "No cache may keep the answer of POST /login",
    task=2,
    points=2,
    catches="TR-10",
    why="the older door hands out the same token, and its copy is as good to a thief",
    file="oauth.py and app.py",
    see="RFC 6749 §5.1",
    after=("login_takes_json",),
)
def test_login_answer_is_not_kept(api: Api) -> None:
    not_kept(api.post("/login", json=api.alice.credentials))


# -- task 3: refusals --------------------------------------------------------------------------


@check(
    'A wrong password at POST /token gets JSON with "error": "invalid_grant"',
    task=3,
    points=3,
    catches="TR-11",
    why="a client that finds no `error` cannot tell a wrong password from a broken server",
    file="oauth.py and app.py",
    see="RFC 6749 §5.2",
    after=(test_form_gets_a_token,),
)
def test_wrong_password_is_invalid_grant(api: Api) -> None:
    for person in (api.alice, api.bob):
        seen = ask(api, filled(person, password=WRONG))
        expect(seen).status(400, 401).fields(error="invalid_grant")


@check(
    "An unknown name gets the same refusal as a wrong password, byte for byte",
    task=3,
    points=2,
    catches="PW-11",
    why="a refusal that differs tells Mallory which names exist",
    file="app.py",
    see="OWASP ASVS 5.0 V6.3.8",
    after=(test_wrong_password_is_invalid_grant,),
)
def test_unknown_name_gets_the_same(api: Api) -> None:
    wanted = ask(api, filled(api.alice, password=WRONG))
    for name in (api.new_person("frank").username, "no such name!"):
        same_refusal(wanted, ask(api, filled(api.alice, username=name)))
    same_refusal(wanted, ask(api, filled(api.bob, password=WRONG)))


@check(
    "A disabled user gets the same refusal too, even with the right password",
    task=3,
    points=1,
    catches="PW-14",
    why="an account that was closed must not open by another door, nor tell that it exists",
    file="app.py",
    see="OWASP ASVS 5.0 V6.3.8",
    after=(test_unknown_name_gets_the_same,),
)
def test_disabled_user_gets_the_same(api: Api) -> None:
    henry = api.register("henry")
    expect(ask(api, filled(henry))).status(200)
    users = api.stored.users()
    users[henry.username]["disabled"] = True
    api.stored.store_users(users)
    wanted = ask(api, filled(api.alice, password=WRONG))
    same_refusal(wanted, ask(api, filled(henry)))
    same_refusal(wanted, ask(api, filled(henry, password=WRONG)))


def same_refusal(wanted: Exchange, seen: Exchange) -> None:
    """Both answers have one status and one body."""
    if (seen.status, seen.answer.body) != (wanted.status, wanted.answer.body):
        expect(seen).fail(
            f"what a wrong password gets: {wanted.status} {wanted.text}",
            f"{seen.status} {seen.text[:100]}",
        )


# -- task 4: each field once -------------------------------------------------------------------


@check(
    "A form with two passwords is refused",
    task=4,
    points=2,
    catches="PW-21",
    why="a guard in front counts guesses by one password while the app tries the other",
    see="RFC 6749 §3.2",
    after=(test_form_gets_a_token,),
)
def test_two_passwords_are_refused(api: Api) -> None:
    name, right = api.alice.credentials.values()
    for passwords in ((WRONG, right), (right, WRONG), (right, right), ("", right), (right, "")):
        pairs = [("password", one) for one in passwords]
        not_accepted(ask(api, [("grant_type", "password"), ("username", name), *pairs]), "400")


@check(
    "A form that names any field twice is refused",
    task=4,
    points=1,
    why="two readers of one form must not see two different users, grants or scopes",
    see="RFC 6749 §3.2",
    after=(test_two_passwords_are_refused,),
)
def test_any_field_twice_is_refused(api: Api) -> None:
    whole = filled(api.alice)
    for name, value in (
        ("username", api.bob.username),
        ("username", api.alice.username),
        ("grant_type", "password"),
    ):
        not_accepted(ask(api, [(name, value), *whole]), "400")
    for name in ("scope", "client_id"):
        not_accepted(ask(api, [*whole, (name, "one"), (name, "two")]), "400")
    spelled = f"pass%77ord={WRONG}&{urlencode(whole)}"
    not_accepted(raw(api, spelled.encode()), "400")
    not_accepted(multipart(api, [("password", WRONG), *whole]), "400")


# -- what nobody sees --------------------------------------------------------------------------


@check(
    "The log holds no password",
    task=None,
    points=0,
    catches="IL-09",
    why="logs are kept for years and read by many; a password in one is a password given away",
    see="OWASP ASVS 5.0 V16.2.5",
    after=(test_form_gets_a_token,),
)
def test_log_holds_no_password(api: Api) -> None:
    ida = api.register("ida")
    seen = api.post("/login", json=ida.credentials)
    for fields in (
        [("password", ida.password)],
        filled(ida, grant_type="client_credentials"),
        [*filled(ida), ("password", ida.password)],
        filled(ida, username="nobody-here"),
        filled(ida),
    ):
        seen = ask(api, fields)
    for line in api.server.log.splitlines():
        if ida.password in line:
            expect(seen).fail(
                "a log without the password", line.replace(ida.password, "<the password>")[:120]
            )


@check(
    "An unknown name costs as much time as a wrong password",
    task=None,
    points=0,
    catches="PW-12",
    why="with a stop-watch Mallory learns which names exist",
    see="OWASP ASVS 5.0 V6.3.8",
    after=(test_form_gets_a_token,),
    slow=True,
)
def test_unknown_name_costs_a_hash(api: Api) -> None:
    with api.another(PASSWORD_ROUNDS="9") as costly:
        wrong = filled(costly.alice, password=WRONG)
        unknown = filled(costly.alice, username="nobody-here")
        ratio = 1.0
        for _ in range(3):  # one odd reading on a busy machine is no proof
            known, strange = [], []
            for _ in range(5):
                known.append(seconds_of(costly, wrong))
                strange.append(seconds_of(costly, unknown))
            ratio = min(strange) / min(known)
            if 0.6 < ratio < 1.6:
                return
        expect(costly.exchanges[-1]).fail(
            "about the time of a wrong password", f"a {'shorter' if ratio < 1 else 'longer'} one"
        )


def seconds_of(api: Api, fields: Fields) -> float:
    """Return how long POST /token takes to refuse this form."""
    begun = time.perf_counter()
    ask(api, fields)
    return time.perf_counter() - begun
