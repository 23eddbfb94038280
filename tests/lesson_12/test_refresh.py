"""Lesson 12: refresh tokens that say nothing, work once, and end with their login."""

from __future__ import annotations

import base64
import hashlib
import math
import string
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.grading.verdicts import NotReached
from workbook.talking.exchange import request
from workbook.talking.forge import NoToken

DAY = 86_400
HEX = set("0123456789abcdefABCDEF-")
SAMPLE = 6
"""How many tokens are compared: with fewer, equal letters at one place are chance too often."""
AT_ONCE, ROUNDS = 6, 2
"""How many refreshes with one token meet at one moment in one process, and how often."""
EACH, ROUNDS_OF_TWO = 3, 2
"""How many tokens come to each of two processes at one moment, and how often."""
RUN, SECRET = 8, 20
"""So many letters in a row are no chance; so many have to stay unknown to who reads the store."""
SHIFTED = [
    str.maketrans(small + small.upper(), moved + moved.upper())
    for small in [string.ascii_lowercase]
    for moved in [small[by:] + small[:by] for by in range(1, 26)]
]


# -- asking ----------------------------------------------------------------------------------


@dataclass
class Pair:
    """What a login or a refresh brings."""

    access: str
    refresh: str


def pair(seen: Exchange) -> Pair:
    """Return the tokens of a good token answer."""
    expect(seen).status(200)
    return Pair(expect(seen).text_field("access_token"), expect(seen).text_field("refresh_token"))


def log_in(person: Person, *scopes: str) -> Pair:
    """Log in at /token, the first of a family, asking for these scopes."""
    form = {"grant_type": "password", **person.credentials}
    if scopes:
        form["scope"] = " ".join(scopes)
    return pair(person.api.post("/token", form=form))


def asking(token: str, scope: str = "") -> dict[str, str]:
    """Return the form of a refresh."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return form | {"scope": scope} if scope else form


def refresh(api: Api, token: str, scope: str = "") -> Exchange:
    """Ask for new tokens."""
    return api.post("/token", form=asking(token, scope))


def again(api: Api, token: str, what: str) -> Pair:
    """Refresh with a token that is good; `what` says which one it is."""
    seen = refresh(api, token)
    if seen.status != 200:
        expect(seen).no_crash().fail(f"200 for {what}")
    return pair(seen)


def ended(api: Api, token: str, what: str) -> None:
    """The refresh token is good no more; `what` says which one it is."""
    seen = refresh(api, token)
    if seen.status != 400:
        expect(seen).no_crash().fail(f"400 for {what}")
    expect(seen).fields(error="invalid_grant")


def scopes_in(token: str) -> set[str]:
    """Return the scopes that an access token carries."""
    scope = forge.claims_of(token).get("scope")
    return set(scope.split()) if isinstance(scope, str) else set()


def rows(api: Api, person: Person) -> list[dict[str, Any]]:
    """Return what is stored of somebody's refresh tokens. Raises NotReached."""
    columns = "token_hash, user_id, family, scope, expires_at, used_at"
    found = api.stored.rows(
        f"SELECT {columns} FROM refresh_tokens WHERE user_id = ?",  # noqa: S608
        person.id,
    )
    for row in found:
        with suppress(TypeError, ValueError):  # a column of texts may hold it, too
            row["expires_at"] = float(row["expires_at"])
    return found


def age(api: Api, person: Person, end: int) -> None:
    """Let all of somebody's refresh tokens end at this second."""
    statement = "UPDATE refresh_tokens SET expires_at = ? WHERE user_id = ?"
    if not api.stored.change(statement, end, person.id):
        raise NotReached("the table refresh_tokens has no row for this user")


# -- your turn 1 -----------------------------------------------------------------------------------


@check(
    "A refresh token says nothing, and nobody can guess it",
    task=1,
    catches="RF-14",
    why="what says something can be read; what is made of a counter or a clock is found by trying",
    see="RFC 6749 §10.10; OWASP ASVS 5.0 V7.2.3",
    after=("accounts_work",),
)
def test_refresh_token_is_random(api: Api) -> None:
    tokens = [log_in(api.bob).refresh for _ in range(SAMPLE)]
    seen, token = api.exchanges[-1], tokens[-1]
    try:
        forge.parts(token)
    except NoToken:
        # A short id, such as a counted one, stands among random letters by chance.
        for secret in (one for one in (api.bob.id, api.bob.username) if len(one) > 4):
            # In each of them: among random letters three may well come in this order once.
            if all(any(secret in text for text in readings(one)) for one in tokens):
                expect(seen).fail("a refresh token that says nothing", f"{secret!r} in it")
    else:
        expect(seen).fail("a refresh token that says nothing", "a JWT with claims in it")
    if len(set(tokens)) < SAMPLE:
        expect(seen).fail("another refresh token at each login", "the same one twice")
    if random_bits(tokens) < 120:  # the 122 of a UUID pass
        expect(seen).fail(
            "at least 128 bits that differ from one refresh token to the next", "far fewer"
        )


def readings(token: str) -> list[str]:
    """Return a token and what its parts say when they are taken for base64url."""
    found = [token]
    for part in token.split("."):
        with suppress(NoToken):
            found.append(forge.decode(part).decode("latin-1"))
    return found


def random_bits(tokens: list[str]) -> int:
    """Return how many bits differ among tokens, judged by their letters.

    What is the same in all of them, such as `rt_` in front, adds nothing to guess. Nor does a
    place whose letters stand at another place, too, in each of them.
    """
    places = set(zip(*tokens, strict=False))
    varied = [letters for letters in places if len(set(letters)) > 1]
    used = {letter for letters in varied for letter in letters}
    kinds = 10 if used <= set("0123456789") else 16 if used <= HEX else 64
    return int(len(varied) * math.log2(kinds))


@check(
    "A stolen database holds no refresh token that works",
    task=1,
    catches="RF-09",
    why="whoever reads a backup would be every user who is logged in, for days",
    see="OWASP ASVS 5.0 V6.5.2",
    after=(test_refresh_token_is_random,),
)
def test_refresh_tokens_are_stored_hashed(api: Api) -> None:
    person = api.register("keeper")
    tokens = log_in(person, "notes:read")
    seen = api.exchanges[-1]
    found = rows(api, person)
    if len(found) != 1:
        expect(seen).fail("one row in refresh_tokens for one login", f"{len(found)}")
    (whole,) = api.stored.rows("SELECT * FROM refresh_tokens WHERE user_id = ?", person.id)
    places = api.stored.files() | {"the table refresh_tokens": repr(whole).encode()}
    for place, content in places.items():
        if can_be_read(tokens.refresh, content):
            expect(seen).fail("the hash of a refresh token in the stored files", f"it in {place}")
    if told := made_of(tokens, whole):
        expect(seen).fail("a refresh token drawn by chance", f"a hash of what {told} says")
    for column, value in whole.items():
        if column == "token_hash" and len(str(value)) < 20:
            got = f"{len(str(value))} letters, which many tokens share"
            expect(seen).fail("a hash of 128 bits or more in token_hash", got)
        if mixed(tokens.refresh, value):
            got = f"its letters in another order in {column}"
            expect(seen).fail("the hash of a refresh token in its row", got)
    if found[0]["scope"] != "notes:read" or found[0]["used_at"] not in (None, ""):
        got = f"{found[0]['scope']!r} and used_at {found[0]['used_at']!r}"
        expect(seen).fail("the login's scope in the row, and an empty used_at", got)


def made_of(tokens: Pair, row: dict[str, Any]) -> str:
    """Tell of which known values the refresh token is a hash, if it is one."""
    known = {str(row.get(name)): f"the row's {name}" for name in ("family", "user_id", "scope")}
    claims = forge.claims_of(tokens.access)
    known |= {str(claims.get(name)): f"the access token's {name}" for name in ("jti", "sid", "sub")}
    known |= {str(number): "a small number" for number in range(3)}
    for first, what in known.items():
        joined = (first + mark + one for one in known for mark in ("", ":", "-", "."))
        for text in (first, *joined):
            for kind in ("sha256", "sha1", "md5", "sha512"):
                made = hashlib.new(kind, text.encode(), usedforsecurity=False)
                letters = base64.urlsafe_b64encode(made.digest()).rstrip(b"=").decode()
                if tokens.refresh in (made.hexdigest(), letters):
                    return what
    return ""


def spellings(token: str) -> list[bytes]:
    """Return a token as it is, and in other spellings that anybody can turn back."""
    clear = token.encode()
    found = [clear, clear[::-1], clear.hex().encode()]
    found += [base64.b64encode(clear).rstrip(b"="), base64.urlsafe_b64encode(clear).rstrip(b"=")]
    with suppress(NoToken):
        raw = forge.decode(token)
        found += [raw, raw.hex().encode()]
    with suppress(ValueError):
        found.append(bytes.fromhex(token))
    found += [token.translate(shift).encode() for shift in SHIFTED]
    found.append(token.swapcase().encode())
    found += [one[::-1] for one in found]
    return [one for one in found if len(one) >= 16]


def can_be_read(token: str, content: bytes) -> bool:
    """Tell whether somebody who has this content knows the token, or nearly all of it."""
    if any(spelling in content for spelling in spellings(token)):
        return True
    clear, known = token.encode(), set[int]()
    for step in (1, 2, 3):  # whole, in halves, every second letter, every third; and backwards
        for first in range(step):
            places = range(first, len(clear), step)
            for order in (places, places[::-1]):
                for at in range(len(order) - RUN + 1):
                    run = order[at : at + RUN]
                    if not known.issuperset(run) and bytes(clear[i] for i in run) in content:
                        known.update(run)
    return len(clear) - len(known) < SECRET


def mixed(token: str, value: object) -> bool:
    """Tell whether a stored value has the letters of the token, in some order, and few more."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return not Counter(token) - Counter(text) and len(text) <= len(token) + 4


@check(
    "A refresh token opens no route",
    task=1,
    catches="RF-01",
    why="it lives for days: one that opens routes is a long access token, and no list ends it",
    see="RFC 8725 §3.12",
    after=("accounts_work",),
)
def test_refresh_token_opens_no_route(api: Api) -> None:
    tokens = log_in(api.alice)
    expect(api.get("/profile", token=tokens.access)).status(200)
    for path in ("/profile", "/notes"):
        seen = api.get(path, token=tokens.refresh)
        if seen.status != 401:
            expect(seen).no_crash().fail("401 for a refresh token in place of an access token")


@check(
    "A refresh token lives REFRESH_TOKEN_DAYS, in every time zone",
    task=1,
    catches="RF-07 MT-03",
    why="a token that never ends is a second password that nobody ever changes",
    file="refresh.py and login.py",
    see="OWASP ASVS 5.0 V10.4.8",
    after=(test_refresh_tokens_are_stored_hashed,),
    beside={"TZ": "Asia/Tokyo", "REFRESH_TOKEN_DAYS": "2"},
)
def test_refresh_token_lives_its_days(api: Api) -> None:
    with api.another(TZ="Asia/Tokyo", REFRESH_TOKEN_DAYS="2") as tokyo:
        log_in(tokyo.alice)
        seen = tokyo.exchanges[-1]
        end = max((row["expires_at"] for row in rows(tokyo, tokyo.alice)), default=None)
        if isinstance(end, bool) or not isinstance(end, int | float):
            expect(seen).fail("seconds since 1970 in expires_at", repr(end)[:60])
        if abs(end - time.time() - 2 * DAY) > 120:
            days = (end - time.time()) / DAY
            expect(seen).fail("a life of 2 days with REFRESH_TOKEN_DAYS=2", f"{days:.2f} days")


# -- your turn 2 -----------------------------------------------------------------------------------


@check(
    "A refresh token works once",
    task=2,
    catches="RF-03 RF-04",
    why="a copy that a thief took stays good for as long as the owner's own",
    see="RFC 9700 §4.14.2",
    after=("refresh_brings_new_tokens",),
)
def test_refresh_token_works_once(api: Api) -> None:
    first = log_in(api.bob)
    second = again(api, first.refresh, "a fresh refresh token")
    if second.refresh == first.refresh:
        expect(api.exchanges[-1]).fail("a new refresh token", "the old one")
    third = again(api, second.refresh, "the refresh token that came with a refresh")
    expect(api.get("/profile", token=third.access)).status(200).fields(id=api.bob.id)
    ended(api, second.refresh, "a refresh token that has been used")


@check(
    "An access token is no refresh token",
    task=2,
    catches="RF-02",
    why="an access token caught in minutes would renew itself for days",
    see="RFC 8725 §3.12",
    after=("refresh_brings_new_tokens",),
)
def test_access_token_does_not_refresh(api: Api) -> None:
    tokens = log_in(api.bob)
    ended(api, tokens.access, "an access token in place of a refresh token")
    again(api, tokens.refresh, "the refresh token beside it")


@check(
    "A refresh token that has ended is refused",
    task=2,
    catches="RF-07",
    why="a token found on an old disk would still open the account",
    see="RFC 6749 §5.2",
    after=(test_refresh_token_works_once,),
)
def test_ended_refresh_token_is_refused(api: Api) -> None:
    person = api.register("sleeper")
    tokens = log_in(person)
    age(api, person, int(time.time()) + 60)
    tokens = again(api, tokens.refresh, "a refresh token that ends in a minute")
    age(api, person, int(time.time()) - 5)
    ended(api, tokens.refresh, "a refresh token that ended 5 s ago")
    again(api, log_in(person).refresh, "the refresh token of a new login")


@check(
    "Other workers know which token is used",
    task=2,
    catches="RF-03",
    why="a thief asks every worker in turn until one of them has not heard of it",
    see="RFC 9700 §4.14.2",
    after=(test_refresh_token_works_once,),
)
def test_used_tokens_are_known_to_all(api: Api) -> None:
    carol = api.register("carol")
    logins = [log_in(carol), log_in(carol)]
    used = [again(api, one.refresh, "a fresh refresh token") for one in logins]
    second = api.worker()
    again(second, used[0].refresh, "a fresh refresh token, at a second worker")
    ended(second, logins[1].refresh, "a refresh token used at the first worker")
    ended(api, used[0].refresh, "a refresh token used at the second worker")


@check(
    "Of many refreshes at one moment, at most one wins",
    task=2,
    catches="RF-06",
    why="a thief who asks at the same moment as the owner would get a login of his own, unseen",
    see="CWE-362",
    after=(test_used_tokens_are_known_to_all,),
)
def test_one_of_many_wins(api: Api) -> None:
    for _ in range(ROUNDS):
        token = log_in(api.bob).refresh
        tries = [request("POST", "/token", form=asking(token))] * AT_ONCE
        seen = api.at_once(*tries, writers_wait=True)
        no_two(seen, "to one worker")
        for one in seen:
            if one.status not in (200, 400):
                expect(one).no_crash().fail(
                    "400 for every refresh but one, of those sent at one moment",
                    f"the status {one.status}",
                )
            if one.status == 400:
                expect(one).fields(error="invalid_grant")
    # A lock in one process, or a route that runs alone there, does not stop the process beside it.
    other = api.worker()
    again(other, log_in(api.bob).refresh, "a fresh refresh token, at a second worker")
    for _ in range(ROUNDS_OF_TWO):
        forms = [asking(log_in(api.bob).refresh) for _ in range(EACH)]
        requests = [request("POST", "/token", form=form) for form in forms]
        seen = api.at_once(*requests, *requests, beside=other, writers_wait=True)
        for pair_of_one in zip(seen[:EACH], seen[EACH:], strict=True):
            no_two(list(pair_of_one), "to each of two workers")
    again(api, log_in(api.bob).refresh, "a refresh token sent once")


def no_two(seen: list[Exchange], where: str) -> None:
    """At most one of the answers to one refresh token is a 200."""
    won = [one for one in seen if one.status == 200]
    if len(won) > 1:
        expect(won[1]).fail(
            f"one 200 at most for one refresh token sent at one moment {where}", "more than one"
        )


# -- your turn 3 -----------------------------------------------------------------------------------


@check(
    "A refresh token used twice ends its login, the newest refresh token included",
    task=3,
    catches="RF-05",
    why="one of the two is a thief; if he came first, it is he who holds the newest token",
    see="RFC 9700 §4.14.2",
    after=(test_refresh_token_works_once,),
)
def test_reuse_ends_the_family(api: Api) -> None:
    first = newest = log_in(api.bob).refresh
    for _ in range(3):
        newest = again(api, newest, "a fresh refresh token").refresh
    ended(api, first, "a refresh token that has been used")
    ended(api, newest, "the newest of its family, three refreshes later")
    # A thief has time: here the first use is two hours old, and somebody else has left meanwhile.
    person = api.register("hoarder")
    first = log_in(person).refresh
    newest = again(api, first, "a fresh refresh token").refresh
    expect(api.post("/logout", token=log_in(api.bob).access)).status(204)
    for row in rows(api, person):
        if type(row["used_at"]) in (int, float):
            statement = "UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ?"
            api.stored.change(statement, row["used_at"] - 7200, row["token_hash"])
    ended(api, first, "a refresh token that was used two hours ago")
    ended(api, newest, "the newest of its family, two hours after the first use")


@check(
    "Other logins live on when one ends by reuse",
    task=3,
    catches="RF-05",
    why="a thief with one old token could throw its owner out of every device, again and again",
    see="RFC 9700 §4.14.2",
    after=(test_reuse_ends_the_family,),
)
def test_other_families_live_on(api: Api) -> None:
    phone, laptop, other = log_in(api.bob), log_in(api.bob), log_in(api.alice)
    again(api, phone.refresh, "a fresh refresh token")
    ended(api, phone.refresh, "a refresh token that has been used")
    again(api, laptop.refresh, "the refresh token of another login of the same user")
    again(api, other.refresh, "the refresh token of another user")
    expect(api.get("/profile", token=laptop.access)).status(200)


@check(
    "A refresh gives no scope that the login had not",
    task=3,
    catches="SC-10",
    why="a token given to a careless app for reading would learn to write",
    see="RFC 6749 §6",
    after=("refresh_brings_new_tokens",),
)
def test_scope_does_not_widen(api: Api) -> None:
    reader = log_in(api.alice, "notes:read")
    for scope in ("notes:write", "notes:read notes:write", "notes:read notes:reader"):
        seen = refresh(api, reader.refresh, scope)
        if seen.status != 400:
            expect(seen).no_crash().fail(f"400 invalid_scope for {scope} after a login for reading")
        # The first refusal may have used the token up.
        error = expect(seen).text_field("error")
        if error != "invalid_scope" and (error != "invalid_grant" or scope == "notes:write"):
            expect(seen).fields(error="invalid_scope")
    plain = again(api, log_in(api.alice, "notes:read").refresh, "a refresh without a scope")
    if scopes_in(plain.access) != {"notes:read"}:
        got = " ".join(sorted(scopes_in(plain.access))) or "none"
        expect(api.exchanges[-1]).fail("an access token with the login's scope, notes:read", got)


@check(
    "A refresh may ask for less, and the login keeps what it had",
    task=3,
    catches="SC-10",
    why="a client takes the smallest token that does, and a larger one again when it needs it",
    see="RFC 6749 §6",
    after=(test_scope_does_not_widen,),
)
def test_scope_may_narrow(api: Api) -> None:
    both = {"notes:read", "notes:write"}
    tokens = log_in(api.alice, *sorted(both))
    narrow = pair(refresh(api, tokens.refresh, "notes:read"))
    note = {"title": "To do", "body": "Mend the gate"}
    said, found = api.exchanges[-1].field("scope"), scopes_in(narrow.access)
    if found != {"notes:read"} or set(str(said).split()) != found:
        got = f"{' '.join(sorted(found)) or 'none'} in the token, {said!r} in the answer"
        expect(api.exchanges[-1]).fail("notes:read alone, in the token and in the answer", got)
    expect(api.get("/notes", token=narrow.access)).status(200)
    expect(api.post("/notes", token=narrow.access, json=note)).status(403)
    wide = again(api, narrow.refresh, "the refresh token of a narrower refresh")
    if scopes_in(wide.access) != both:
        got = " ".join(sorted(scopes_in(wide.access))) or "none"
        expect(api.exchanges[-1]).fail("the login's scopes at the next refresh", got)
    expect(api.post("/notes", token=wide.access, json=note)).status(201)


@check(
    "A refresh looks at the user's role anew, and gives no more than the login had",
    task=3,
    catches="RF-10 SC-10",
    why="a dismissed admin would stay one for as long as the refresh token lives",
    see="OWASP ASVS 5.0 V8.3.2",
    after=("refresh_brings_new_tokens", "admin_routes_are_for_admins"),
)
def test_role_is_looked_up_anew(api: Api) -> None:
    person, place = api.register("deputy"), "/users/{}/roles"
    place = place.format(person.id)

    def roles(*names: str) -> None:
        seen = api.put(place, token=api.olga.token, json={"roles": list(names)})
        expect(seen).status(200)

    before, wishing = log_in(person), log_in(person)
    form = {"grant_type": "password", "scope": "notes:read users:admin", **person.credentials}
    wish = api.post("/token", form=form)  # the part that is allowed, or 400
    roles("admin")
    seen = refresh(api, wishing.refresh, "users:admin")
    if seen.status != 400:
        expect(seen).no_crash().fail("400 for users:admin, which the login had not")
    if wish.status == 200:
        tokens = again(api, pair(wish).refresh, "a login that asked for too much")
        if "users:admin" in scopes_in(tokens.access):
            got = "users:admin, which the login asked for and did not get"
            expect(api.exchanges[-1]).fail("the scopes that the login got", got)
    after, asking_admin = log_in(person), log_in(person)
    if "users:admin" not in scopes_in(after.access):
        expect(api.exchanges[-1]).fail("users:admin in the scope of an admin's login", "none")
    expect(api.get("/admin", token=after.access)).status(200)
    for login, what in ((before, "a login of before the promotion"), (after, "")):
        if not what:
            roles()
            what = "a user who is an admin no more"
        tokens = again(api, login.refresh, what)
        seen = api.exchanges[-1]
        if "users:admin" in scopes_in(tokens.access):
            expect(seen).fail(f"no users:admin for {what}", "users:admin in the new access token")
        if not scopes_in(tokens.access):
            expect(seen).fail(f"the other scopes for {what}", "none in the new access token")
        expect(api.get("/admin", token=tokens.access)).status(403)
    seen = refresh(api, asking_admin.refresh, "notes:read users:admin")
    if seen.status == 200 and "users:admin" in scopes_in(pair(seen).access):
        got = "users:admin, as the refresh asked for it"
        expect(seen).fail("400 or the rest for a user who is an admin no more", got)
    expect(seen).status(200, 400)


@check(
    "However often it is renewed, a login ends when its first refresh token would have",
    task=3,
    catches="RF-07",
    why="a thief who refreshes once a week would stay for ever",
    see="OWASP ASVS 5.0 V10.4.8",
    after=(test_refresh_token_works_once, test_refresh_token_lives_its_days),
)
def test_life_does_not_slide(api: Api) -> None:
    person = api.register("slider")
    tokens = log_in(person)
    end = int(time.time()) + 100
    age(api, person, end)
    for _ in range(2):
        tokens = again(api, tokens.refresh, "a refresh token that ends in 100 s")
        last = max((row["expires_at"] for row in rows(api, person)), default=end)
        if last > end + 1:
            expect(api.exchanges[-1]).fail(
                "a new refresh token that ends when the old one would have",
                "one that ends later",
            )


# -- your turn 4 -----------------------------------------------------------------------------------


@check(
    "Logout ends the refresh tokens of that login, and of no other",
    task=4,
    catches="RF-08",
    why="who logs out at the library leaves a token behind that is good for a week",
    see="OWASP ASVS 5.0 V7.4.1",
    after=("access_tokens_can_be_taken_back", test_refresh_token_works_once),
)
def test_logout_ends_the_login(api: Api) -> None:
    # At the library she leaves with the newest access token, at the office with the first.
    library, office, home = log_in(api.alice), log_in(api.alice), log_in(api.alice)
    for first, last in ((library, True), (office, False)):
        newer = again(api, first.refresh, "a fresh refresh token")
        token = newer.access if last else first.access
        expect(api.post("/logout", token=token)).status(204)
        ended(api, newer.refresh, "the refresh token of a login that has been left")
    again(api, home.refresh, "the refresh token of another login of the same user")
    seen = api.post("/login", json=api.alice.credentials)
    tokens = pair(seen)
    expect(api.post("/logout", token=tokens.access)).status(204)
    ended(api, tokens.refresh, "the refresh token of a login at /login that has been left")
    # Two hours go by, and somebody else leaves, so that what is over is forgotten.
    person = api.register("sojourner")
    tokens = log_in(person)
    expect(api.post("/logout", token=tokens.access)).status(204)
    for table in ("revoked_tokens", "refresh_tokens"):
        with suppress(NotReached):  # the list may stand elsewhere
            api.stored.change(f"UPDATE {table} SET expires_at = expires_at - ?", 7200)  # noqa: S608
    expect(api.post("/logout", token=log_in(api.bob).access)).status(204)
    ended(api, tokens.refresh, "the refresh token of a login that was left two hours ago")


@check(
    "A changed password and logout-everywhere end every refresh token",
    task=4,
    catches="RF-08 PW-20",
    why="Alice changes her password because of the thief, and the thief refreshes",
    file="login.py and refresh.py",
    see="OWASP ASVS 5.0 V7.4.3",
    after=("access_tokens_can_be_taken_back", test_refresh_token_works_once),
)
def test_ending_all_ends_refresh_tokens(api: Api) -> None:
    person = api.register("hurried")
    stolen, own = log_in(person), log_in(person)
    wrong = {"current_password": f"{person.password}x", "new_password": person.password[::-1]}
    seen = api.put("/users/me/password", token=own.access, json=wrong)
    expect(seen).status(400, 401, 403)
    stolen = again(api, stolen.refresh, "a refresh token, after a wrong current_password")
    old, person.password = person.password, person.password[::-1]
    change = {"current_password": old, "new_password": person.password}
    expect(api.put("/users/me/password", token=own.access, json=change)).status(204)
    for tokens in (stolen, own):
        ended(api, tokens.refresh, "a refresh token of before the password was changed")
    logins = [log_in(person), log_in(person)]
    kept_one = again(api, logins[0].refresh, "the refresh token of a login with the new password")
    expect(api.post("/logout-everywhere", token=logins[1].access)).status(204)
    for token in (kept_one.refresh, logins[1].refresh):
        ended(api, token, "a refresh token of before the logout everywhere")
    again(api, log_in(person).refresh, "the refresh token of the next login")


@check(
    "Who is locked out or gone gets nothing for a refresh token, nor when let in again",
    task=4,
    catches="RF-08",
    why="the admin has locked Mallory out; her refresh token waits for the day she is let in",
    file="login.py and refresh.py",
    see="OWASP ASVS 5.0 V7.4.2",
    after=("admin_routes_are_for_admins", test_refresh_token_works_once),
)
def test_locked_out_users_get_nothing(api: Api) -> None:
    person = api.register("locked")
    logins = [log_in(person), log_in(person)]
    tokens = again(api, logins[1].refresh, "a fresh refresh token")
    for disabled in (True, False):
        place = f"/users/{person.id}/disabled"
        seen = api.put(place, token=api.olga.token, json={"disabled": disabled})
        expect(seen).status(200)
    for one in (logins[0], tokens):
        ended(api, one.refresh, "a user who was locked out, and let in again")
    tokens = again(api, log_in(person).refresh, "the next login of a user who is let in again")
    api.stored.disable(person.username)
    ended(api, tokens.refresh, "a user who is disabled in the table users")
    leaver = api.register("leaver")
    tokens = log_in(leaver)
    expect(api.delete("/users/me", token=tokens.access)).status(204)
    ended(api, tokens.refresh, "a user who is gone")


@check(
    "/revoke takes a refresh token back, and with it that login alone",
    task=4,
    catches="RV-08",
    why="a client that is being removed hands its tokens back: the long one matters most",
    see="RFC 7009 §2.1",
    after=("access_tokens_can_be_taken_back", test_refresh_token_works_once),
)
def test_revoke_takes_refresh_tokens(api: Api) -> None:
    tokens, other = log_in(api.alice), log_in(api.alice)
    newer = again(api, tokens.refresh, "a fresh refresh token")
    form = {"token": newer.refresh, "token_type_hint": "refresh_token"}
    for body in (form, form, {"token": "any-string"}, {"token": "a\0b"}):
        expect(api.post("/revoke", form=body)).status(200)
    ended(api, newer.refresh, "a refresh token that has been revoked")
    other = again(api, other.refresh, "the refresh token of another login")
    expect(api.post("/revoke", form={"token": other.refresh})).status(200)
    ended(api, other.refresh, "a refresh token that has been revoked without a hint")
    tokens, other = log_in(api.alice), log_in(api.alice)
    form = {"token": tokens.refresh, "token_type_hint": "access_token"}
    expect(api.post("/revoke", form=form)).status(200)
    ended(api, tokens.refresh, "a refresh token that has been revoked with the other hint")
    form = {"token": other.access, "token_type_hint": "refresh_token"}
    expect(api.post("/revoke", form=form)).status(200)
    seen = api.get("/profile", token=other.access)
    if seen.status != 401:
        expect(seen).fail("401 for an access token that has been revoked with the other hint")


@check(
    "What has ended stays ended at every worker, and after a restart",
    task=4,
    catches="RF-08",
    why="a logout that one process keeps in mind is undone by the next start",
    file="refresh.py, sessions.py and login.py",
    see="CWE-613",
    after=(
        test_used_tokens_are_known_to_all,
        test_reuse_ends_the_family,
        test_logout_ends_the_login,
        test_ending_all_ends_refresh_tokens,
        test_locked_out_users_get_nothing,
        test_revoke_takes_refresh_tokens,
    ),
)
def test_endings_are_known_to_all(api: Api) -> None:
    carol = api.register("carol")
    other = api.worker()
    over = ended_in_all_ways(api, carol)
    for what, token in over.items():
        ended(other, token, f"a refresh token ended by {what} at another worker")
    fresh = again(other, log_in(carol).refresh, "a fresh refresh token")
    once = log_in(carol).refresh
    newest = again(api, once, "a fresh refresh token").refresh
    ended(other, once, "a refresh token that was used at another worker")
    ended(api, newest, "the newest of a family whose first token came back at another worker")
    once = log_in(carol).refresh
    newest = again(api, once, "a fresh refresh token").refresh
    api.restart()
    ended(api, once, "a refresh token that was used before a restart")
    ended(api, newest, "the newest of a family whose first token came back after a restart")
    for what, token in over.items():
        ended(api, token, f"a refresh token ended by {what} before a restart")
    again(api, fresh.refresh, "a good refresh token, after a restart")


def ended_in_all_ways(api: Api, person: Person) -> dict[str, str]:
    """Return refresh tokens that were good, by what ended each."""
    first, left, revoked = log_in(person), log_in(person), log_in(person)
    over = {"reuse": again(api, first.refresh, "a fresh refresh token").refresh}
    ended(api, first.refresh, "a refresh token that has been used")
    over["/logout"] = left.refresh
    expect(api.post("/logout", token=left.access)).status(204)
    seen = api.worker().get("/profile", token=left.access)
    if seen.status != 401:
        expect(seen).fail("401 for an access token that logged out at another worker")
    over["/revoke"] = revoked.refresh
    expect(api.post("/revoke", form={"token": revoked.refresh})).status(200)
    for what in ("/logout-everywhere", "a new password", "disabling"):
        guest = api.register("guest")
        tokens = log_in(guest)
        over[what] = tokens.refresh
        if what == "/logout-everywhere":
            expect(api.post(what, token=tokens.access)).status(204)
        elif what == "a new password":
            change = {"current_password": guest.password, "new_password": guest.password[::-1]}
            seen = api.put("/users/me/password", token=tokens.access, json=change)
            expect(seen).status(204)
        else:
            for disabled in (True, False):
                place = f"/users/{guest.id}/disabled"
                seen = api.put(place, token=api.olga.token, json={"disabled": disabled})
                expect(seen).status(200)
    return over


@check(
    "An access token is called at+jwt, and nothing else passes for one",
    task=4,
    catches="MT-11 MT-13 VF-25",
    file="tokens.py",
    why="signed alike, a token for a new password or an e-mail would open every route",
    see="RFC 9068 §2.1 and §4",
    after=("refresh_brings_new_tokens",),
)
def test_access_tokens_are_typed(api: Api) -> None:
    first = log_in(api.bob)
    second = again(api, first.refresh, "a fresh refresh token")
    for tokens in (first, second):
        found = forge.header_of(tokens.access).get("typ")
        if str(found).lower() not in ("at+jwt", "application/at+jwt"):
            expect(api.exchanges[-1]).fail(
                'typ "at+jwt" in the access token\'s header', repr(found)
            )
    key = api.secret_key
    types = ("JWT", "rt+jwt", "at+jwt2", "xat+jwt", None, ["at+jwt"], forge.LEFT_OUT)
    good = forge.forge(second.access, key, {"exp": int(time.time()) + 61})
    expect(api.get("/profile", token=good)).status(200)
    for kind in types:
        seen = api.get("/profile", token=forge.forge(second.access, key, None, {"typ": kind}))
        if seen.status != 401:
            shown = "no typ" if kind is forge.LEFT_OUT else f"typ {kind!r}"
            expect(seen).no_crash().fail(f"401 for a signed token with {shown} in its header")
        expect(seen).refused("invalid_token")
    other = forge.forge(second.access, key, None, {"typ": "JWT"})
    seen = api.post("/introspect", token=second.access, form={"token": other})
    if seen.json != {"active": False}:
        expect(seen).fail('{"active": false} for a signed token with typ "JWT"', seen.text[:80])


# -- at the end: what all of it has left behind ---------------------------------------------


@kept.nothing_printed(after=("accounts_work",))
def test_log_holds_no_password(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
    answers = (seen.json for seen in api.exchanges if seen.answer.body)
    tokens = (str(one.get("refresh_token", "")) for one in answers if isinstance(one, dict))
    if any(len(token) > 20 and token in api.server.log for token in tokens):
        expect(api.exchanges[-1]).fail("no refresh token in what the server prints", "one in it")
