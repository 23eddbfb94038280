"""Lesson 3: a token stands for one user, ends, and cannot be changed by anybody else."""

import hashlib
import hmac
import json
import os
import secrets
import string
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.grading.expect import shown
from workbook.grading.verdicts import Failed, NotReached

LEFT_OUT = forge.LEFT_OUT
INACTIVE = '{"active": false}'
DEPTH = 12_000
BASE64URL = string.ascii_letters + string.digits + "-_"
LONG = 600  # a longer form is shown shortened


def ask(api: Api, token: str) -> Exchange:
    """Ask the server what it thinks of a token."""
    return api.post("/introspect", form={"token": token})


def minted(api: Api, person: Person, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Return a person's token with ten minutes to live, changed and signed again by the key."""
    return forge.forge(person.token, api.secret_key, {"exp": soon()} | claims, header)


def raw(api: Api, person: Person, *, header: bytes | None = None, payload: bytes | None = None,
        **claims: str) -> str:  # fmt: skip
    """Return a signed token with a part, or the JSON text of single claims, written by hand."""
    old_header, old_claims = forge.parts(person.token)
    marks = {name: f"<<{name}>>" for name in claims}
    text = json.dumps(old_claims | {"exp": soon()} | marks)
    for name, mark in marks.items():
        text = text.replace(f'"{mark}"', claims[name])
    return forge.signed(header or old_header, payload or text.encode(), api.secret_key)


def as_json(value: Any) -> str:
    """Return a value as JSON, so that a text and a number look different."""
    return shown(json.dumps(value))


def is_number(value: Any) -> bool:
    """Tell whether a value is a JSON number; True is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def soon() -> int:
    """Return the time in ten minutes."""
    return int(time.time()) + 600


def short(seen: Exchange) -> Exchange:
    """Return the exchange with a long form cut, so that a message stays readable."""
    body = seen.request.body
    if len(body) <= LONG:
        return seen
    cut = body[:60] + f"…({len(body):,} bytes)".encode()
    return replace(seen, request=replace(seen.request, body=cut))


def is_not_believed(api: Api, token: str, what: str) -> None:
    """The answer does not say `active`. Other checks ask how a refusal looks."""
    seen = ask(api, token)
    if seen.status in (0, 501):
        expect(short(seen)).status(200)
    if seen.status >= 500:
        api.fault()  # told for this request; the next failure must not show it
    active = seen.field("active")
    if seen.status == 200 and active is not False:
        expect(short(seen)).fail(f"active: false for {what}", f"active: {as_json(active)}")


def is_inactive(api: Api, token: str, what: str) -> None:
    """The answer is 200 and says `active` false, and nothing else."""
    says_inactive(ask(api, token), what)


def says_inactive(seen: Exchange, what: str) -> None:
    """This answer is 200 and says `active` false, and nothing else."""
    if seen.status in (0, 501):
        expect(short(seen)).status(200)
    wanted = f"200 and exactly {INACTIVE} for {what}"
    if seen.status != 200:
        expect(short(seen)).fail(wanted)
    if seen.json != {"active": False} or seen.field("active") is not False:
        expect(short(seen)).fail(wanted, shown(seen.text))


def is_active(api: Api, person: Person, token: str, what: str) -> None:
    """The answer says `active` true and names the person."""
    seen = ask(api, token)
    says_active(seen, what)
    expect(seen).fields(sub=person.id)
    exp, told = forge.claims_of(token).get("exp"), seen.field("exp")
    if exp is not None and (not is_number(told) or not abs(told - exp) < 1):
        expect(seen).fail(f"exp: {exp}, as in the token", f"exp: {as_json(told)}")


def says_active(seen: Exchange, what: str) -> None:
    """This answer is 200 and says `active` true."""
    if seen.status != 200 or not isinstance(seen.json, dict):
        expect(seen).status(200)
        expect(seen).fail("a JSON object", shown(seen.text or "an empty body"))
    if seen.field("active") is not True:
        expect(seen).fail(f"active: true for {what}", f"active: {as_json(seen.field('active'))}")


def has_a_verdict(seen: Exchange, what: str) -> None:
    """This answer is 200 and says `active` true or false."""
    active = seen.field("active")
    if seen.status != 200 or not isinstance(active, bool):
        expect(short(seen)).fail(f"200 and a verdict, true or false, for {what}")
    if not active:
        says_inactive(seen, what)


def server(api: Api, stack: ExitStack, says: str, **environment: str) -> Api:
    """Return a second server with these settings; one that does not start has failed."""
    try:
        return stack.enter_context(api.another(**environment))
    except NotReached as reason:
        raise Failed(f"a server that starts with {says}", str(reason)) from reason


def is_now(iat: Any, before: float, after: float, where: str) -> None:
    """The time lies between two readings of the clock."""
    if not is_number(iat) or iat != iat // 1:
        raise Failed("iat to be a time in whole seconds since 1970", as_json(iat))
    if not before - 2 <= iat <= after + 2:
        off = round(iat - after)
        if iat > 1e11:
            raise Failed("iat in seconds since 1970", "a far larger number, as milliseconds are")
        told = f"{abs(off)} s" if abs(off) < 3500 else f"about {abs(off) / 3600:.0f} hours"
        wrong = "in the future" if off > 0 else "in the past"
        raise Failed(f"iat to be the present time{where}", f"a time {told} {wrong}")


def lives(claims: dict[str, Any], seconds: int, says: str) -> None:
    """The token's end stands so many seconds behind its start."""
    exp = claims.get("exp")
    if "exp" not in claims:
        raise Failed("a claim exp", f"a payload with {', '.join(claims) or 'nothing'}")
    if not is_number(exp):
        raise Failed("exp to be a number, in seconds since 1970", as_json(exp))
    if not abs(exp - claims["iat"] - seconds) <= 1:
        raise Failed(f"exp to be iat + {seconds} seconds ({says})", f"iat + {exp - claims['iat']}")


# -- the token that a login gives ----------------------------------------------------------------


@check(
    "POST /login answers with a token",
    task=None,
    points=0,
    catches="TR-11",
    why="a client can only send back a token that it finds under the agreed name",
    see="RFC 6749 §5.1",
)
def test_login_answers_with_a_token(api: Api) -> None:
    for person in (api.alice, api.bob):
        seen = api.post("/login", json=person.credentials, caller=person.username)
        expect(seen).status(200).text_field("access_token")
        if expect(seen).text_field("token_type").lower() != "bearer":
            expect(seen).fail("the field token_type to be bearer", shown(seen.field("token_type")))


@check(
    "Login, registration and profile keep what lesson 2 promised",
    task=None,
    points=0,
    catches="PW-11 PW-22",
    why="a new door must not open an old one: names and passwords stay protected",
    after=(test_login_answers_with_a_token,),
)
def test_lesson_2_still_holds(api: Api) -> None:
    alice = api.alice
    seen = api.post("/login", json=alice.credentials)
    stored = str(api.stored.users().get(alice.username, {}).get("password_hash", "$2b$"))
    expect(seen).status(200).hides(alice.password, stored)
    wrong = {"username": alice.username, "password": "not-her-password"}
    first = api.post("/login", json=wrong)
    expect(first).refused().hides("not-her-password")
    second = api.post("/login", json=wrong | {"username": "nobody-has-this"})
    expect(second).refused()
    if first.answer.body != second.answer.body:
        expect(second).fail(f"the same body as for a wrong password: {shown(first.text)}",
                            shown(second.text))  # fmt: skip
    seen = api.get("/profile", params={"username": alice.username})
    expect(seen).status(200).only("username", "full_name").fields(username=alice.username)
    expect(api.get("/profile", params={"username": "nobody-has-this"})).status(404)
    expect(api.post("/register", json=alice.registration)).status(409)
    weak = api.new_person("weak").registration | {"password": "kite-7"}
    expect(api.post("/register", json=weak)).status(422).hides("kite-7")


@check(
    "The token is signed by HS256 with the SECRET_KEY of the environment",
    task=None,
    points=0,
    catches="MT-12",
    why="a key that stands in the code is known to everybody who reads the code",
    see="RFC 7515 §5.1",
    after=(test_login_answers_with_a_token,),
)
def test_token_is_signed_with_the_key(api: Api) -> None:
    for person in (api.alice, api.bob):
        token = person.token
        try:
            header, _ = forge.parts(token)
        except forge.NoToken as problem:
            raise Failed("a signed JWT of three parts", str(problem)) from problem
        if header.get("alg") != "HS256":
            raise Failed("a header with alg HS256", f"alg {shown(header.get('alg'))}")
        message, _, signature = token.rpartition(".")
        digest = hmac.new(api.secret_key.encode(), message.encode(), hashlib.sha256).digest()
        if signature.rstrip("=") != forge.encode(digest):
            raise Failed("the signature that SECRET_KEY makes", "one made with another key")


@check(
    "`sub` is the user's id",
    task=None,
    points=0,
    catches="MT-05 MT-06",
    why="a name can be given to somebody else one day, and its old tokens with it",
    see="RFC 7519 §4.1.2",
    after=(test_token_is_signed_with_the_key,),
)
def test_sub_is_the_users_id(api: Api) -> None:
    for person in (api.alice, api.bob):
        sub = forge.claims_of(person.token).get("sub")
        if sub != person.id:
            raise Failed(f"sub to be {person.username}'s id", f"{shown(sub)}, not {person.id}")


@check(
    "The payload holds no password, no hash and no e-mail address",
    task=None,
    points=0,
    catches="MT-04",
    why="the payload is readable for everybody who sees the token: it is not encrypted",
    see="RFC 7519 §12",
    after=(test_token_is_signed_with_the_key,),
)
def test_payload_holds_nothing_private(api: Api) -> None:
    users = api.stored.users()
    for person in (api.alice, api.bob):
        text = json.dumps(forge.parts(person.token), ensure_ascii=False)
        stored = str(users.get(person.username, {}).get("password_hash", "$2b$"))
        private = {"e-mail address": person.email, "password": person.password, "hash": stored}
        for name, value in private.items():
            if value in text:
                raise Failed(f"a token without the {name}", f"claims {shown(json.loads(text)[1])}")


@check(
    "The token has a start and an end, 15 minutes apart",
    task=1,
    points=2,
    catches="MT-01 MT-02",
    why="a stolen token without an end opens the door for ever",
    see="RFC 7519 §4.1.4",
    after=(test_token_is_signed_with_the_key,),
)
def test_token_ends(api: Api) -> None:
    before = time.time()
    claims = forge.claims_of(api.alice.new_token())
    is_now(claims.get("iat"), before, time.time(), "")
    lives(claims, 900, "15 minutes are the default")


@check(
    "`expires_in` says how many seconds the token lives",
    task=1,
    points=1,
    catches="TR-11",
    why="a client that knows the end asks for a new token in time, and not after a refusal",
    see="RFC 6749 §5.1",
    file="app.py",
    after=(test_token_ends,),
)
def test_expires_in_fits(api: Api) -> None:
    seen = api.post("/login", json=api.alice.credentials)
    expect(seen).status(200)
    seconds = seen.field("expires_in")
    if not is_number(seconds) or not abs(seconds - 900) <= 1:
        expect(seen).fail("expires_in: 900 (seconds)", f"expires_in: {as_json(seconds)}")


@check(
    "A fresh token is active, and names its user",
    task=None,
    points=0,
    why="a door that is shut for everybody protects nobody: honest callers need their answer",
    see="RFC 7662 §2.2",
    after=(test_sub_is_the_users_id,),
)
def test_fresh_token_is_active(api: Api) -> None:
    for person in (api.alice, api.bob):
        is_active(api, person, person.token, f"the token that {person.username} just got")


@check(
    "A token that the right key signed is active, whoever made it",
    task=None,
    points=0,
    catches="KM-05",
    why="the signature alone decides; a list in memory knows nothing after a restart",
    see="RFC 7519 §7.2",
    after=(test_fresh_token_is_active,),
)
def test_resigned_token_is_active(api: Api) -> None:
    for person in (api.alice, api.bob):
        token = minted(api, person, exp=soon() + 60)
        is_active(api, person, token, "a token with another exp, signed by SECRET_KEY")


@check(
    "Without a SECRET_KEY, one is made and kept for its owner alone",
    task=None,
    points=0,
    catches="KM-05 KM-03",
    why="a key made at each start logs everybody out; a key in the code belongs to everybody",
    see="RFC 8725 §3.5",
    after=(test_fresh_token_is_active,),
    slow=True,  # it starts two servers
)
def test_key_is_made_and_kept(api: Api) -> None:
    with ExitStack() as stack:
        other = server(api, stack, "an empty SECRET_KEY", SECRET_KEY="")
        known = set(api.stored.files())
        alice = other.alice
        is_active(other, alice, alice.token, "a fresh token")
        other.restart()
        says_active(ask(other, alice.token), "the same token after a restart")
        made = sorted(set(other.stored.files()) - known)
        if not made:
            raise Failed("a file in DATA_DIR that holds the key", f"only {', '.join(known)}")
        for name in made:
            found = (other.data_dir / name).stat()
            mode = found.st_mode & 0o777
            if os.name == "posix" and found.st_size and mode & 0o077:
                raise Failed(f"{name} to be readable by its owner alone (0600)", f"mode {mode:04o}")


@check(
    "A token follows ACCESS_TOKEN_MINUTES, and is right in any time zone",
    task=1,
    points=1,
    catches="MT-02 MT-03",
    why="`utcnow()` has no zone: its tokens end hours too early or too late",
    see="RFC 7519 §2 (NumericDate)",
    after=(test_token_ends, test_expires_in_fits, test_fresh_token_is_active),
)
def test_settings_are_followed(api: Api) -> None:
    with ExitStack() as stack:
        settings = {"ACCESS_TOKEN_MINUTES": "7", "TZ": "Asia/Tokyo"}
        tokyo = server(api, stack, "ACCESS_TOKEN_MINUTES=7", **settings)
        alice = tokyo.alice
        before = time.time()
        claims = forge.claims_of(alice.token)
        lives(claims, 420, "ACCESS_TOKEN_MINUTES is 7")
        is_now(claims["iat"], before, time.time(), " on a server in Tokyo")
        seen = tokyo.post("/login", json=alice.credentials)
        expect(seen).status(200).fields(expires_in=420)
        says_active(ask(tokyo, alice.token), "a fresh token on a server in Tokyo")
        hour_ago = {"exp": int(time.time()) - 3600}
        here = ask(api, minted(api, api.alice, **hour_ago))
        if isinstance(here.json, dict) and here.field("active") is not False:
            return  # this server believes it too: that has a check of its own
        ended = minted(tokyo, alice, **hour_ago)
        is_not_believed(tokyo, ended, "a token that ended an hour ago, on a server in Tokyo")


# -- tokens that must not be believed ------------------------------------------------------------


@check(
    "A text that is no token is never taken for a good one",
    task=None,
    points=0,
    catches="VF-35",
    why="whoever lets an error through as a guest has left the door open",
    see="OWASP ASVS 16.5.3",
    after=(test_resigned_token_is_active,),
)
def test_no_token_is_believed(api: Api) -> None:
    for text in ("x", "a.b.c", api.alice.id):
        is_not_believed(api, text, f"the text {text!r}")


@check(
    "A changed payload or signature is not believed",
    task=2,
    points=2,
    catches="VF-01 VF-07 VF-08",
    why="Mallory writes Bob's id into her own token, and is Bob",
    see="RFC 7515 §5.2",
    after=(test_no_token_is_believed,),
)
def test_changed_token_is_not_believed(api: Api) -> None:
    mallory, bob = api.mallory, api.bob
    head, body, signature = minted(api, mallory).split(".")
    edited = forge.payload_swapped(mallory.token, sub=bob.id, exp=soon())
    is_not_believed(api, edited, "Mallory's token with Bob's id in it")
    longer = forge.payload_swapped(mallory.token, exp=soon() + 86_400)
    is_not_believed(api, longer, "a token with a later exp")
    is_not_believed(api, f"{head}.{body}.", "a token without its signature")
    is_not_believed(api, f"{head}.{body}", "a token without its third part")
    is_not_believed(api, f"{head}.{body}.{signature[:-4]}", "a signature cut short")
    for third in (0, 14, 28):  # the last of the 43 letters has bits that do not count
        at = third + secrets.randbelow(14)
        other = secrets.choice([one for one in BASE64URL if one != signature[at]])
        bent = signature[:at] + other + signature[at + 1 :]
        is_not_believed(api, f"{head}.{body}.{bent}", "a changed signature")
    theirs = minted(api, bob).rpartition(".")[2]
    is_not_believed(api, f"{head}.{body}.{theirs}", "the signature of another token")
    twins_differ(api)


def twins_differ(api: Api) -> None:
    """Of two tokens that nobody has seen, alike but for the key, one alone is believed."""
    twins = []
    for _ in range(3):
        exp = int(time.time()) + 61 + secrets.randbelow(800)
        claims = {"exp": exp, f"x-{secrets.token_hex(3)}": secrets.token_hex(4)}
        for key in (api.secret_key, secrets.token_hex(32)):
            twins.append((key, forge.forge(api.alice.token, key, claims)))
    secrets.SystemRandom().shuffle(twins)
    for key, token in twins:
        if key == api.secret_key:
            is_active(api, api.alice, token, "a token with other claims, signed by SECRET_KEY")
        else:
            is_not_believed(api, token, "a token signed with another key")


@check(
    "A token signed with another key is not believed",
    task=2,
    points=1,
    catches="VF-01 VF-05",
    why="everybody can sign with a key of their own, or guess an empty one",
    see="RFC 7515 §5.2",
    after=(test_changed_token_is_not_believed,),
)
def test_other_key_is_not_believed(api: Api) -> None:
    keys = {
        "a key of her own": hashlib.sha256(b"Mallory's own").hexdigest(),
        "an empty key": "",
        "the key 'secret'": "secret",
        "the key 'password'": "password",
        "the key 'changeme'": "changeme",
        "a key that lacks the last letter": api.secret_key[:-1],
    }
    for what, key in keys.items():
        forged = forge.forge(api.mallory.token, key, {"sub": api.bob.id, "exp": soon()})
        is_not_believed(api, forged, f"a token signed with {what}")


@check(
    "A token with `alg: none` is not believed, however it is spelled",
    task=2,
    points=1,
    catches="VF-02 VF-03",
    why="the header comes from the attacker: it must not switch the check off",
    see="RFC 8725 §3.1",
    after=(test_changed_token_is_not_believed,),
)
def test_alg_none_is_not_believed(api: Api) -> None:
    for spelling in ("none", "NONE", "nOnE", ""):
        token = forge.unsigned(api.mallory.token, spelling, sub=api.bob.id, exp=soon())
        is_not_believed(api, token, f"alg {spelling!r} and no signature")
    token = forge.unsigned(api.mallory.token, sub=api.bob.id, exp=soon())
    kept = token + api.mallory.token.rpartition(".")[2]
    is_not_believed(api, kept, "alg 'none' and an old signature")


@check(
    "A token with another algorithm than HS256 is not believed",
    task=2,
    points=1,
    catches="VF-03 VF-36",
    why="one key serves one algorithm: a header that may choose will choose the weakest",
    see="RFC 8725 §3.1",
    after=(test_changed_token_is_not_believed,),
)
def test_other_algorithm_is_not_believed(api: Api) -> None:
    for algorithm in ("HS384", "HS512", "hs256"):
        token = minted(api, api.alice, {"alg": algorithm})
        is_not_believed(api, token, f"alg {algorithm}, signed with the right key")
    for algorithm in ("none", "RS256", "HS512"):
        header = forge.header_of(api.alice.token) | {"alg": algorithm}
        token = raw(api, api.alice, header=json.dumps(header).encode())
        is_not_believed(api, token, f"alg {algorithm}, signed by HS256 with the right key")
    token = minted(api, api.alice, {"alg": LEFT_OUT})
    is_not_believed(api, token, "a header without alg, signed with the right key")


@check(
    "A token that has ended is not believed",
    task=2,
    points=1,
    catches="VF-09 VF-14",
    why="yesterday's token lies in logs and backups; it must be worth nothing",
    see="RFC 7519 §4.1.4",
    after=(test_changed_token_is_not_believed,),
)
def test_ended_token_is_not_believed(api: Api) -> None:
    now = int(time.time())
    ended = {"2 minutes": 120, "a day": 86_400}
    for what, seconds in ended.items():
        token = minted(api, api.alice, iat=now - seconds - 900, exp=now - seconds)
        is_not_believed(api, token, f"a token that ended {what} ago")
    is_not_believed(api, minted(api, api.alice, exp=0), "exp 0")


@check(
    "A token without sub, iat or exp is not believed",
    task=2,
    points=1,
    catches="VF-10",
    why="libraries check a claim only where it stands: without exp a token never ends",
    see="RFC 7519 §4.1",
    after=(test_ended_token_is_not_believed,),
)
def test_missing_claim_is_not_believed(api: Api) -> None:
    for name in ("exp", "iat", "sub"):
        is_not_believed(api, minted(api, api.alice, **{name: LEFT_OUT}), f"a token without {name}")


@check(
    "A token whose times are no numbers is not believed",
    task=2,
    points=1,
    catches="VF-13",
    why='`true` and `"9999999999"` mean something else to each library that reads them',
    see="RFC 7519 §4.1.4",
    after=(test_missing_claim_is_not_believed,),
)
def test_odd_times_are_not_believed(api: Api) -> None:
    for name in ("exp", "iat"):
        for value in ("9999999999", True, [soon()]):
            token = minted(api, api.alice, **{name: value})
            is_not_believed(api, token, f"{name} {shown(json.dumps(value))}")
        is_not_believed(api, raw(api, api.alice, **{name: "1e400"}), f"{name} 1e400")


@check(
    "A token is not believed before its `nbf`",
    task=2,
    points=1,
    catches="VF-11",
    why="a token that was made for tomorrow must not work today",
    see="RFC 7519 §4.1.5",
    after=(test_changed_token_is_not_believed,),
)
def test_nbf_is_kept(api: Api) -> None:
    now = int(time.time())
    is_active(api, api.alice, minted(api, api.alice, nbf=now - 60), "nbf a minute ago")
    is_not_believed(api, minted(api, api.alice, nbf=now + 300), "nbf in 5 minutes")


@check(
    "A token whose `nbf` is no number is not believed",
    task=2,
    points=1,
    catches="VF-13",
    why="a time that is no time cannot be kept, and each library makes something else of it",
    see="RFC 7519 §4.1.5",
    after=(test_nbf_is_kept,),
)
def test_odd_nbf_is_not_believed(api: Api) -> None:
    for value in ("1", True, None, "soon"):
        token = minted(api, api.alice, nbf=value)
        is_not_believed(api, token, f"nbf {json.dumps(value)}")


@check(
    "A token whose `sub` is empty or no text is not believed",
    task=2,
    points=1,
    catches="MT-05",
    why="an odd `sub` reaches the code that looks users up, and finds the wrong one or crashes it",
    see="RFC 7519 §4.1.2",
    after=(test_changed_token_is_not_believed,),
)
def test_odd_sub_is_not_believed(api: Api) -> None:
    for value in ("", 7, None, {"id": api.alice.id}, "\ud800"):
        is_not_believed(api, minted(api, api.alice, sub=value), f"sub {json.dumps(value)}")


# -- how a refusal looks -------------------------------------------------------------------------


@check(
    "A bad token is answered with 200 and `active` false",
    task=3,
    points=1,
    catches="VF-34",
    why="half of all tokens that a server is asked about are bad: that is an answer, no accident",
    see="RFC 7662 §2.2",
    after=(test_no_token_is_believed,),
)
def test_bad_token_is_inactive(api: Api) -> None:
    is_inactive(api, "x", "the text 'x'")
    edited = forge.payload_swapped(api.mallory.token, sub=api.bob.id)
    is_inactive(api, edited, "a changed payload")


@check(
    "All bad tokens get the same answer, without a reason",
    task=3,
    points=1,
    catches="IL-05",
    why="a reason tells the forger what to mend next",
    see="RFC 7662 §2.2",
    after=(test_bad_token_is_inactive,),
)
def test_refusal_gives_no_reason(api: Api) -> None:
    alice = api.alice
    bad = {
        "a token that has ended": minted(api, alice, exp=int(time.time()) - 3600),
        "a token signed with another key": forge.forge(alice.token, "another-key"),
        "a token with alg none": forge.unsigned(alice.token),
        "a token without exp": minted(api, alice, exp=LEFT_OUT),
        "a token with nbf in the future": minted(api, alice, nbf=soon()),
    }
    for what, token in bad.items():
        is_inactive(api, token, what)


@check(
    "An empty or missing form field is answered, not crashed on",
    task=3,
    points=1,
    catches="VF-34",
    why="the first thing that a stranger sends is nothing at all",
    see="RFC 7662 §2.1",
    after=(test_bad_token_is_inactive,),
)
def test_empty_field_is_inactive(api: Api) -> None:
    is_inactive(api, "", "an empty form field")
    missing = {
        "a form without token": api.post("/introspect", form={"tokens": api.alice.token}),
        "JSON instead of a form": api.post("/introspect", json={"token": api.alice.token}),
    }
    for what, seen in missing.items():
        if seen.status not in (400, 422):
            says_inactive(seen, what + " (400 and 422 are right too)")


@check(
    "Any text in the form is answered with `active` false",
    task=3,
    points=1,
    catches="VF-27 VF-29",
    why="one odd text that crashes the server is a switch to turn it off",
    see="RFC 7662 §2.2",
    after=(test_bad_token_is_inactive,),
)
def test_any_text_is_inactive(api: Api) -> None:
    head, body, signature = api.alice.token.split(".")
    texts = {
        "one part": head + body,
        "four parts": f"{head}.{body}.{signature}.{signature}",
        "other alphabets": "тoken.ключ.鍵",
        "letters that are no base64": f"{head}.{body}.ä{signature[1:]}",
        "a NUL": "\0",
        "signs": "%00'\"<>&{}[]\\",
        "a part of an impossible length": "eyJhb.eyJhb.abcde",
        "40,000 letters": "a" * 40_000,
        "a middle part of 40,000 letters": f"{head}.{'A' * 40_000}.{signature}",
    }
    for what, text in texts.items():
        is_inactive(api, text, what)


@check(
    "No crafted token leads to a 500",
    task=2,
    points=1,
    catches="VF-13 VF-29 VF-30 VF-34",
    why="libraries raise more than their own errors; each one that escapes is a 500 on demand",
    see="RFC 8725 §2.4",
    after=(test_bad_token_is_inactive, test_odd_times_are_not_believed),
)
def test_no_token_crashes(api: Api) -> None:
    alice = api.alice
    odd = {
        "exp": ("null", "{}", "1e400", "NaN", "9" * 4500),
        "iat": ("null", "-1e400"),
        "nbf": ("1e400",),
        "sub": (r'"\ud800"', "[]"),
    }
    for name, values in odd.items():
        for value in values:
            is_inactive(api, raw(api, alice, **{name: value}), f"{name} {value[:8]}")
    for value in ([], {}, None):
        token = minted(api, alice, {"alg": value})
        is_inactive(api, token, f"alg {json.dumps(value)}")
    for part in (b"no JSON", b"[]", b"\xff\xfe"):
        is_inactive(api, raw(api, alice, header=part), f"a header of {part!r}")
        is_inactive(api, raw(api, alice, payload=part), f"a payload of {part!r}")
    deep = b"[" * DEPTH + b"]" * DEPTH
    is_inactive(api, raw(api, alice, header=deep), f"a header nested {DEPTH:,} levels deep")
    deep = b'{"a":' * DEPTH + b"7" + b"}" * DEPTH
    is_inactive(api, raw(api, alice, payload=deep), f"a payload nested {DEPTH:,} levels deep")
    huge = "1" + "0" * 400
    for name, value, what in (
        ("exp", f"{soon()}.75", "exp with a fraction"),
        ("exp", "1e300", "exp 1e300"),
        ("exp", huge, "exp 10 ** 400"),
        ("iat", f"{soon() - 660}.75", "iat with a fraction"),
        ("iat", huge, "iat 10 ** 400"),
        ("nbf", huge, "nbf 10 ** 400"),
    ):
        has_a_verdict(ask(api, raw(api, alice, **{name: value})), what)


# -- at the end: what all of it has left behind ---------------------------------------------


@kept.nothing_printed(after=(test_login_answers_with_a_token,))
def test_log_holds_no_password(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
