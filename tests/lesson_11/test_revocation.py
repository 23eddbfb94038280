"""Lesson 11: a token can be taken back, at once, in every worker, and for good."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kept
from workbook.grading import Api, Exchange, Person, check, expect, forge
from workbook.grading.verdicts import NotReached
from workbook.talking.exchange import request

KEPT = "logout_ends_its_token"
OTHER_KEY = "mallory-has-a-key-of-her-own-and-it-is-long"
CLOSED = "redis://127.0.0.1:1/0"
"""A Redis that never answers: nobody listens on port 1 of the loopback."""
WITH_REDIS = find_spec("redis") is not None
"""Without the package no submission can hand its list over, and none is asked to."""
SLACK = 60
"""Seconds by which an entry may outlive its token."""


# -- asking ----------------------------------------------------------------------------------


def dead(seen: Exchange, what: str) -> None:
    """The token was refused as a bad one."""
    if seen.status != 401:
        expect(seen).status(401) if seen.status in (0, 501) else None
        expect(seen).fail(f"401 for {what}")
    expect(seen).refused("invalid_token")


def alive(seen: Exchange, what: str) -> None:
    """The token opened /profile."""
    if seen.status != 200:
        expect(seen).fail(f"200 for {what}")


def profile(api: Api, token: str) -> Exchange:
    """Ask for the profile of the token's owner."""
    return api.get("/profile", token=token)


def log_out(api: Api, token: str) -> None:
    """Log out with this token."""
    expect(api.post("/logout", token=token)).status(204)


def revoke(api: Api, token: str) -> Exchange:
    """Hand a token back, as a client does that needs it no more."""
    seen = api.post("/revoke", form={"token": token})
    expect(seen).status(200)
    return seen


def resigned(token: str, api: Api, **claims: Any) -> str:
    """Return the token with claims changed, signed with the server's own key."""
    return forge.forge(token, api.secret_key, claims)


def spellable(token: str, api: Api) -> str:
    """Return the token, signed again until its signature has a letter that base64url alone has."""
    exp, again = forge.claims_of(token)["exp"], token
    for less in range(1, 60):
        if set("-_") & set(again.rpartition(".")[2]):
            break
        again = resigned(token, api, exp=exp - less)
    return again


def respellings(token: str) -> dict[str, str]:
    """Return other texts that some readers take for the same token, by what is odd about each."""
    head, body, signature = token.split(".")
    padded, spare = forge.respelled(token)
    return {
        "with a `=` at its end": padded,
        "with other spare bits in its last letter": spare,
        "with `==` at its end": f"{token}==",
        "with `+` and `/` in its signature": f"{head}.{body}." + signature.translate(PLAIN),
        "with a `!` in its signature": f"{head}.{body}.{signature[:20]}!{signature[20:]}",
        "with a space in its signature": f"{head}.{body}.{signature[:20]} {signature[20:]}",
        "with a `=` behind its header": f"{head}=.{body}.{signature}",
    }


PLAIN = str.maketrans("-_", "+/")


# -- the list ----------------------------------------------------------------------------------


def redis_of(api: Api) -> Any:
    """Return the Redis that the submission was given, or None: then the list is a table."""
    url = api.server.job.environment.get("REDIS_URL")
    if not url:
        return None
    from redis import Redis  # an extra: whoever names such a store has it

    return Redis.from_url(url, decode_responses=True)


def entries(api: Api) -> dict[Any, float]:
    """Return what stands on the list: when each entry ends, in seconds since 1970.

    Its name is a text, or the bytes of a hash.
    """
    if store := redis_of(api):
        with store:
            ends = {key: store.expiretime(key) for key in store.scan_iter()}
        return {key: math.inf if end == -1 else float(end) for key, end in ends.items()}
    rows = api.stored.rows("SELECT jti, expires_at FROM revoked_tokens")
    return {row["jti"]: _seconds(row["expires_at"]) for row in rows}


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def aged(api: Api, names: set[Any]) -> None:
    """Let the time of these entries be over, as if their tokens had ended a minute ago."""
    past = int(time.time()) - 60
    if store := redis_of(api):
        with store:
            for name in names:
                if store.ttl(name) != -1:  # what has no end does not leave by itself
                    store.expireat(name, past)
        return
    for name in names:
        api.stored.change("UPDATE revoked_tokens SET expires_at = ? WHERE jti = ?", past, name)


def logged_out(api: Api, person: Person) -> tuple[str, set[Any]]:
    """Log a fresh token out; return it, and the names of the entries that came by it."""
    before = entries(api)
    token = person.new_token()
    log_out(api, token)
    return token, entries(api).keys() - before.keys()


def elsewhere(api: Api) -> None:
    """With a Redis that does not answer, nobody comes in, and no table takes its place."""
    # Who does not start, or gives no token, without its Redis lets nobody in either.
    with suppress(NotReached), api.another(REDIS_URL=CLOSED) as other:
        token = other.alice.token
        seen = profile(other, token)
        if not 400 <= seen.status < 600:
            got = "200, as without REDIS_URL" if seen.status == 200 else None
            expect(seen).fail("a refusal while no Redis answers at REDIS_URL", got)
        seen = other.post("/revoke", form={"token": token})
        if more := len(other.stored.rows("SELECT jti FROM revoked_tokens")):
            expect(seen).fail("an empty table, as REDIS_URL is set", f"{more} in revoked_tokens")


@contextmanager
def list_out_of_order(api: Api) -> Iterator[Api]:
    """Give a server that cannot read its list of revoked tokens."""
    if redis_of(api):
        with api.another(REDIS_URL=CLOSED) as other:
            yield other
        return
    api.stored.change("ALTER TABLE revoked_tokens RENAME COLUMN jti TO jti_away")
    try:
        yield api
    finally:
        api.stored.change("ALTER TABLE revoked_tokens RENAME COLUMN jti_away TO jti")


# -- a second worker, and a restart: each is started once and asked all that checks want to know --


@dataclass
class Told:
    """What servers answered in one scene, by what was asked; tokens and names besides."""

    home: Path = Path()
    seen: dict[str, Exchange] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)

    def of(self, what: str) -> Exchange:
        """Return the answer to this question."""
        return self.seen[what]


_scenes: dict[str, Told] = {}


def told(api: Api, scene: Callable[[Api, Told], None]) -> Told:
    """Return what a scene told of this submission; it is played once."""
    last = _scenes.get(scene.__name__)
    if last is None or last.home != api.data_dir:
        last = Told(api.data_dir)
        scene(api, last)
        _scenes[scene.__name__] = last
    return last


def older(api: Api, person: Person) -> str:
    """Return a token of a login some minutes ago: seconds are what another check looks at."""
    return resigned(person.new_token(), api, iat=int(time.time()) - 300)


def renewed(api: Api, person: Person, token: str) -> Exchange:
    """Change the password of a person whom no other check logs in."""
    change = {"current_password": person.password, "new_password": f"{person.password}-new"}
    return api.put("/users/me/password", token=token, json=change)


def at_two_workers(api: Api, scene: Told) -> None:
    """Tokens of Alice end one by one, those of others all at once, with a second worker up."""
    seen, alice = scene.seen, api.alice
    mover, tenant = api.register("mover"), api.register("tenant")
    here, there, other = alice.new_token(), alice.new_token(), alice.new_token()
    handed_in, phone, laptop = alice.new_token(), older(api, mover), older(api, mover)
    stolen, own = older(api, tenant), older(api, tenant)
    worker = api.worker()
    seen["login there"] = worker.post("/login", json=alice.credentials)
    seen["login here"] = api.post("/login", json=alice.credentials)
    seen["here, before"] = profile(worker, here)
    seen["there, before"] = profile(worker, there)
    seen["handed in, before"] = profile(worker, handed_in)
    seen["phone, before"] = profile(worker, phone)
    seen["stolen, before"] = profile(worker, stolen)
    seen["logout here"] = api.post("/logout", token=here)
    seen["here"] = profile(worker, here)
    seen["logout there"] = worker.post("/logout", token=there)
    seen["there"] = profile(api, there)
    seen["other"] = profile(worker, other)
    seen["revoke"] = api.post("/revoke", form={"token": handed_in})
    seen["handed in"] = profile(worker, handed_in)
    seen["everywhere"] = api.post("/logout-everywhere", token=laptop)
    seen["phone"] = profile(worker, phone)
    seen["laptop"] = profile(api, laptop)
    seen["renewed"] = renewed(api, tenant, own)
    seen["stolen"] = profile(worker, stolen)


def over_a_restart(api: Api, scene: Told) -> None:
    """Tokens are taken back in each way, one entry's time is over, and the server starts anew."""
    seen, bob, elder = scene.seen, api.bob, api.register("elder")
    mover, tenant = api.register("mover"), api.register("tenant")
    phone, stolen = older(api, mover), older(api, tenant)
    seen["everywhere"] = api.post("/logout-everywhere", token=mover.new_token())
    seen["renewed"] = renewed(api, tenant, tenant.new_token())
    # Of persons of their own: without names, two logins in one second are one token.
    handed_in = api.register("giver").token
    seen["revoke"] = api.post("/revoke", form={"token": handed_in})
    # After the others: who ends too many sessions has not failed at this.
    token, scene.names["fresh"] = logged_out(api, bob)
    other = bob.new_token()
    _, scene.names["old"] = logged_out(api, elder)
    aged(api, scene.names["old"])
    api.restart()
    scene.names["left"] = set(entries(api))
    seen["logged out"] = profile(api, token)
    seen["other"] = profile(api, other)
    seen["handed in"] = profile(api, handed_in)
    seen["phone"] = profile(api, phone)
    seen["stolen"] = profile(api, stolen)
    for _ in range(2):  # a counter in memory begins again
        seen["login"] = api.post("/login", json=bob.credentials)


# -- your turn 1 -----------------------------------------------------------------------------------


@check(
    "Every token has a jti",
    task=1,
    points=1,
    catches="MT-07",
    why="what has no name cannot be put on a list",
    see="RFC 7519 §4.1.7",
    after=(KEPT,),
)
def test_token_has_a_jti(api: Api) -> None:
    for seen in (
        api.post("/login", json=api.alice.credentials),
        api.post("/token", form=api.alice.credentials),
    ):
        token = expect(seen).status(200).text_field("access_token")
        jti = forge.claims_of(token).get("jti")
        if not isinstance(jti, str) or not jti:
            got = "none" if jti is None else f"jti: {jti!r}"
            expect(seen).fail("a token with a jti, a text that is not empty", got)
    alive(profile(api, token), "a token with a jti")


@check(
    "No two tokens have the same jti, not even those of one moment",
    task=1,
    points=1,
    catches="MT-09",
    why="who logs out would log out the other one too",
    see="RFC 7519 §4.1.7",
    after=(test_token_has_a_jti,),
)
def test_jti_is_unique(api: Api) -> None:
    people = api.person("visitor"), api.person("leaver")
    # Three each: wherever a second ends, two of them fall into the same one.
    logins = [request("POST", "/login", json=one.credentials) for one in people * 3]
    together = api.at_once(*logins)
    names = [_jti(seen) for seen in together[::2]]
    if again := next((one for one in names if one and names.count(one) > 1), None):
        expect(together[-2]).fail("a jti of its own for each login of one moment", f"{again} again")
    told(api, over_a_restart)
    known: set[str] = set()
    for seen in api.exchanges:  # each of them a login of its own
        if jti := _jti(seen):
            if jti in known:
                expect(seen).fail("a jti that no earlier token has", f"{jti} again")
            known.add(jti)
    log_out(api, _token(together[0]))
    twin = profile(api, _token(together[2]))
    alive(twin, "a token whose twin, of the same moment, has logged out")


def _token(seen: Exchange) -> str:
    """Return the access token in an answer, or nothing."""
    token = seen.field("access_token")
    return token if isinstance(token, str) and token.count(".") == 2 else ""


def _jti(seen: Exchange) -> str:
    """Return the jti of the access token in an answer, or nothing where there is no token."""
    token = _token(seen)
    return str(forge.claims_of(token).get("jti")) if token else ""


@check(
    "Two workers never give the same jti",
    task=1,
    points=1,
    catches="MT-09",
    why="each worker counts for itself: who logs out at one would log out a stranger at the other",
    see="RFC 7519 §4.1.7",
    after=(test_jti_is_unique,),
)
def test_workers_share_no_jti(api: Api) -> None:
    scene = told(api, at_two_workers)
    there = scene.of("login there")
    expect(there).status(200).text_field("access_token")
    expect(scene.of("login here")).status(200)
    jti = _jti(there)
    if jti in map(_jti, api.exchanges):
        expect(there).fail("a jti that no token of the first worker has", f"{jti} again")


@check(
    "A jti that is missing, empty or no text is refused, and none leads to a server error",
    task=1,
    points=1,
    catches="RV-10",
    why="all tokens without a name share one: such a token could never be taken back alone",
    see="RFC 7519 §4.1.7",
    after=(test_token_has_a_jti,),
)
def test_token_needs_a_jti(api: Api) -> None:
    token = api.alice.token
    odd = {
        "without jti": forge.LEFT_OUT, "whose jti is null": None, "whose jti is empty": "",
        "whose jti is a number": secrets.randbelow(1000), "whose jti is a list": ["x"],
        "whose jti is an object": {"x": 1},
    }  # fmt: skip
    for what, value in odd.items():
        dead(profile(api, resigned(token, api, jti=value)), f"a signed token {what}")
    nameless = resigned(token, api, jti=forge.LEFT_OUT)
    dead(api.post("/logout", token=nameless), "a logout by a signed token without jti")
    for what, value in (("a NUL", "nul-\0"), ("half a character", "\ud800")):
        seen = profile(api, resigned(token, api, jti=value))
        if seen.status == 0 or seen.status >= 500:
            expect(seen).fail(f"no server error for a signed token whose jti holds {what}")
    alive(profile(api, token), "a good token, whose copies with an odd jti were refused")


@check(
    "A token that logged out is refused in every spelling",
    task=1,
    points=1,
    catches="RV-03 VF-28",
    why="one token can be written in several ways; a list of texts knows one of them",
    see="OWASP JSON Web Token Cheat Sheet",
    after=(KEPT, test_jti_is_unique),
)
def test_spelling_does_not_matter(api: Api) -> None:
    alice = api.alice
    token = spellable(alice.new_token(), api)
    alive(profile(api, token), "a fresh token")
    log_out(api, token)
    for what, text in respellings(token).items():
        seen = profile(api, text)
        if not 400 <= seen.status < 500:
            expect(seen).fail(f"401 for a token that logged out, written {what}")
    token = alice.new_token()
    padded = forge.respelled(token)[0]
    if api.post("/logout", token=padded).status == 204:
        dead(profile(api, token), "a token that logged out, written with a `=` at its end")
    else:
        alive(profile(api, token), "a token whose other spelling was refused")


# -- your turn 2 -----------------------------------------------------------------------------------


@check(
    "A token that logged out at one worker is refused by the other at once",
    task=2,
    points=1,
    catches="RV-02",
    why="a service runs in several processes, and the thief's next request goes to any of them",
    see="OWASP ASVS 5.0 V7.4.1",
    after=(KEPT, test_jti_is_unique),
)
def test_other_worker_refuses(api: Api) -> None:
    scene = told(api, at_two_workers)
    for what in ("here, before", "there, before"):
        alive(scene.of(what), "a fresh token, at the second worker")
    expect(scene.of("logout here")).status(204)
    dead(scene.of("here"), "a token that logged out at the first worker")
    expect(scene.of("logout there")).status(204)
    dead(scene.of("there"), "a token that logged out at the second worker")
    alive(scene.of("other"), "another token of hers, at the second worker")


@check(
    "A token that logged out is refused after a restart",
    task=2,
    points=1,
    catches="RV-02",
    why="a service is started anew with each release, and all its memory is gone",
    see="OWASP ASVS 5.0 V7.4.1",
    after=(KEPT, test_jti_is_unique),
)
def test_restart_forgets_nothing(api: Api) -> None:
    scene = told(api, over_a_restart)
    alive(scene.of("other"), "a token that has not logged out, after the restart")
    dead(scene.of("logged out"), "a token that logged out before the restart")


@check(
    "A logout leaves one entry, which ends when the token ends",
    task=2,
    points=1,
    catches="RV-04",
    why="an entry that ends before its token lets the token in again; a later one is ballast",
    see="RFC 7519 §4.1.4",
    after=(KEPT, test_jti_is_unique),
)
def test_entry_ends_with_its_token(api: Api) -> None:
    token, fresh = logged_out(api, api.alice)
    if len(fresh) != 1:
        expect(api.exchanges[-1]).fail("one more entry in revoked_tokens", f"{len(fresh)} more")
    entry_fits(api, token, fresh.pop())
    # Not every token lives as long as those that are given now.
    before = entries(api)
    token = resigned(api.alice.new_token(), api, exp=int(time.time()) + 7200)
    log_out(api, token)
    fresh = entries(api).keys() - before.keys()
    if len(fresh) != 1:
        expect(api.exchanges[-1]).fail("one more entry in revoked_tokens", f"{len(fresh)} more")
    entry_fits(api, token, fresh.pop())


def entry_fits(api: Api, token: str, name: Any) -> None:
    """The entry of a token that has just logged out ends when the token does."""
    ends, exp = entries(api)[name], forge.claims_of(token)["exp"]
    if not exp <= ends <= exp + SLACK:
        got = "an earlier time" if ends < exp else "a later time" if ends > exp else "no number"
        expect(api.exchanges[-1]).fail(f"expires_at to be the token's exp, {exp}", got)


@check(
    "A logout drops the entries whose tokens have ended, and no others",
    task=2,
    points=1,
    catches="RV-04",
    why="a list that only grows fills the disk; one that is emptied lets tokens in again",
    see="CWE-770",
    after=(test_entry_ends_with_its_token,),
)
def test_ended_entries_leave_at_logout(api: Api) -> None:
    _, old = logged_out(api, api.alice)
    second, live = logged_out(api, api.bob)
    short = resigned(api.bob.new_token(), api, exp=int(time.time()) + 30)
    log_out(api, short)
    aged(api, old)
    _, last = logged_out(api, api.alice)
    left, seen = entries(api), api.exchanges[-1]
    soon = profile(api, short)
    if old & left.keys():
        got = "the entry of a token that ended a minute ago is still there"
        expect(seen).fail("a list without tokens that have ended", got)
    if not (live | last) <= left.keys():
        got = "the entry of a token that has not ended is gone too"
        expect(seen).fail("a list with all that has not ended", got)
    dead(profile(api, second), "a token that logged out and has not ended")
    dead(soon, "a token that logged out and ends in half a minute, after another's logout")


@check(
    "A start drops the entries whose tokens have ended, and no others",
    task=2,
    points=1,
    catches="RV-04",
    why="nobody may log out for weeks, and the list should not wait for it",
    see="CWE-770",
    after=(test_entry_ends_with_its_token,),
)
def test_ended_entries_leave_at_start(api: Api) -> None:
    scene = told(api, over_a_restart)
    old, fresh, left = (scene.names[one] for one in ("old", "fresh", "left"))
    if not old or old & left:
        got = "the entry of a token that ended a minute ago is still there"
        expect(scene.of("logged out")).fail("a list without tokens that have ended", got)
    if not fresh <= left:
        got = "the entry of a token that has not ended is gone too"
        expect(scene.of("logged out")).fail("a list with all that has not ended", got)


@check(
    "When the list cannot be read, be it a table or in Redis, nobody comes in",
    task=2,
    points=1,
    catches="RV-11",
    why="a thief who can stop the list, or waits until it stops, would be in again",
    see="OWASP ASVS 5.0 V16.5.3",
    after=(KEPT, test_jti_is_unique),
    beside={"REDIS_URL": CLOSED} if WITH_REDIS else None,
)
def test_unreadable_list_lets_nobody_in(api: Api) -> None:
    alive(profile(api, api.alice.token), "a good token")
    with list_out_of_order(api) as broken:
        token = broken.alice.token
        for seen in (profile(broken, token), broken.get("/notes", token=token)):
            if not 400 <= seen.status < 600:
                expect(seen).fail("a refusal (503, or a 4xx) while the list cannot be read")
        seen = broken.post("/logout", token=token)
        if not 400 <= seen.status < 600:
            expect(seen).fail("no success of a logout that the list cannot take")
    alive(profile(api, api.alice.token), "a good token, now that the list can be read again")
    if WITH_REDIS:
        elsewhere(api)


# -- your turn 3 -----------------------------------------------------------------------------------


@check(
    "POST /revoke takes back the token in its form, and no other one",
    task=3,
    points=1,
    catches="RV-01",
    why="a client that is done hands its token in; a copy in a log is worth nothing then",
    see="RFC 7009 §2.1",
    after=(KEPT, test_jti_is_unique),
)
def test_revoke_ends_a_token(api: Api) -> None:
    alice = api.alice
    token, other = alice.new_token(), alice.new_token()
    alive(profile(api, token), "a fresh token")
    revoke(api, token)
    dead(profile(api, token), "a token that was revoked")
    alive(profile(api, other), "her token from another login")
    # In the header stands who asks, in the form what is to go.
    expect(api.post("/revoke", token=other, form={"token": alice.new_token()})).status(200)
    alive(profile(api, other), "the token in the header of /revoke")
    # Of two names that begin alike, each is a name of its own. (A service may know those alone
    # that it has given.)
    twin = resigned(other, api, jti=f"{forge.claims_of(other)['jti']}x")
    if profile(api, twin).status == 200:
        revoke(api, twin)
        alive(profile(api, other), "a token, after one whose jti begins with its own was revoked")


@check(
    "A revoked token is refused by the other worker too, and after a restart",
    task=3,
    points=1,
    catches="RV-02",
    why="a service has several workers, and each start empties what one of them remembers",
    see="RFC 7009 §2.1",
    after=(test_revoke_ends_a_token, test_other_worker_refuses, test_restart_forgets_nothing),
)
def test_revoked_everywhere_and_for_good(api: Api) -> None:
    scene = told(api, at_two_workers)
    alive(scene.of("handed in, before"), "a fresh token, at the second worker")
    expect(scene.of("revoke")).status(200)
    dead(scene.of("handed in"), "a token that was revoked at the first worker")
    scene = told(api, over_a_restart)
    expect(scene.of("revoke")).status(200)
    dead(scene.of("handed in"), "a token that was revoked before the restart")


@check(
    "POST /revoke gives good, bad and unknown tokens one and the same answer",
    task=3,
    points=1,
    catches="RV-09",
    why="an answer that differs tells a thief which of his tokens still work",
    see="RFC 7009 §2.2",
    after=(test_revoke_ends_a_token,),
)
def test_revoke_tells_nothing(api: Api) -> None:
    alice, now = api.alice, int(time.time())
    good = alice.new_token()
    first = revoke(api, good)
    bad = {
        "a text that is no token": secrets.token_hex(8),
        "a token signed with another key": forge.forge(alice.token, OTHER_KEY),
        "a token that has ended": resigned(alice.token, api, iat=now - 900, exp=now - 60),
        "a lone surrogate": "\ud800",
    }
    for what, token in bad.items():
        seen = api.post("/revoke", form={"token": token})
        if what == "a lone surrogate" and 400 <= seen.status < 500:
            continue  # a form that is no UTF-8 may be refused as such
        if (seen.status, seen.text) != (200, first.text):
            got = f"{seen.status} {seen.text[:60]}".strip()
            expect(seen).fail(f"200 and the answer that a good token gets, for {what}", got)


@check(
    "POST /revoke changes nothing for a forged token, and the list does not grow",
    task=3,
    points=1,
    catches="RV-05",
    why="with a forged token Mallory would log out Alice, or fill the list with names",
    see="RFC 7009 §2.1",
    after=(test_revoke_ends_a_token,),
)
def test_forged_token_revokes_nothing(api: Api) -> None:
    alice, bob = api.alice, api.bob
    before = entries(api)
    forged = (
        forge.forge(alice.token, OTHER_KEY),
        forge.unsigned(alice.token),
        forge.payload_swapped(bob.token, **forge.claims_of(alice.token)),
        forge.forge(alice.token, api.secret_key, None, {"alg": "HS512"}),
        forge.forge(alice.token, OTHER_KEY, {"jti": secrets.token_hex(16)}),
        secrets.token_hex(16),
    )
    for token in forged:
        revoke(api, token)
    alive(profile(api, alice.token), "Alice's token, after forged ones were revoked in its name")
    if more := len(entries(api).keys() - before.keys()):
        expect(api.exchanges[-2]).fail("a list that bad tokens leave as it is", f"{more} more")
    token = alice.new_token()
    revoke(api, token)
    dead(profile(api, token), "a token that was revoked")


@check(
    "A token may be taken back twice, and at one moment",
    task=3,
    points=1,
    catches="RV-09",
    why="two tabs log out together: the second must not crash on the entry of the first",
    file="denylist.py",
    see="RFC 7009 §2.2",
    after=(test_revoke_ends_a_token,),
)
def test_twice_is_as_good_as_once(api: Api) -> None:
    alice = api.alice
    token = alice.new_token()
    for _ in range(2):
        expect(api.post("/revoke", form={"token": token})).status(200)
    token = alice.new_token()
    logouts = [request("POST", "/logout", token=token)] * 4
    for seen in api.at_once(*logouts, writers_wait=True):
        expect(seen).status(204, 401)
    expect(api.post("/revoke", form={"token": token})).status(200)
    dead(profile(api, token), "a token that logged out four times at one moment")


# -- your turn 4 -----------------------------------------------------------------------------------


@check(
    "POST /logout-everywhere ends all tokens of the caller, everywhere and for good",
    task=4,
    points=1,
    catches="RV-02",
    why="who has lost a phone does not hold its token: a list of names cannot end it",
    see="OWASP ASVS 5.0 V7.4.3",
    after=(KEPT,),
)
def test_everywhere_ends_all(api: Api) -> None:
    scene, other = told(api, at_two_workers), api.person("beginner").token
    alive(scene.of("phone, before"), "a fresh token")
    expect(scene.of("everywhere")).status(204)
    dead(scene.of("laptop"), "the token that asked to end all sessions")
    phone = scene.of("phone")
    dead(phone, "a token of a user who has logged out everywhere, at the second worker")
    alive(profile(api, other), "another user's token, after this logout everywhere")
    token = str(phone.request.header("Authorization")).removeprefix("Bearer ")
    seen = api.post("/introspect", token=other, form={"token": token})
    if seen.json != {"active": False}:
        expect(seen).fail('{"active": false} for such a token', seen.text[:80])
    scene = told(api, over_a_restart)
    expect(scene.of("everywhere")).status(204)
    dead(scene.of("phone"), "a token of before the logout everywhere, after a restart")
    # The caller's tokens go, whoever else is named.
    person, other = api.register("hermit"), api.register("bystander")
    named = {"user_id": other.id, "id": other.id, "username": other.username}
    own, others = older(api, person), other.token
    seen = api.post("/logout-everywhere", token=own, params=named, json=named)
    expect(seen).status(204)
    alive(profile(api, others), "the token of a user whom another's logout everywhere names")
    dead(profile(api, own), "the caller's token, after a logout everywhere")


@check(
    "A login in the very second of a logout everywhere works, and older tokens do not",
    task=4,
    points=1,
    catches="RV-07",
    why="iat counts whole seconds: compared with a time, old and new look alike",
    see="CWE-613",
    after=(test_everywhere_ends_all,),
)
def test_same_second_is_told_apart(api: Api) -> None:
    person = api.register("hasty")
    first = old = person.token
    for _ in range(2):  # so that no border between two seconds hides a mistake
        expect(api.post("/logout-everywhere", token=old)).status(204)
        new = person.new_token()
        dead(profile(api, old), "a token of before the logout everywhere, in the same second")
        alive(profile(api, new), "a login after the logout everywhere, in the same second")
        old = new
    dead(profile(api, first), "a token of before two logouts everywhere")
    bare = resigned(first, api, ver=forge.LEFT_OUT)
    dead(profile(api, bare), "such a token without the claim ver")
    form = {"grant_type": "password", "scope": "notes:read", **person.credentials}
    reading = expect(api.post("/token", form=form)).status(200).text_field("access_token")
    seen = api.post("/logout-everywhere", token=reading)
    if seen.status != 204:
        expect(seen).fail("204: a token of any scope ends all sessions")
    dead(profile(api, old), "a token of before a logout everywhere by one for reading")


@check(
    "A password is changed only by who knows the old one",
    task=4,
    points=1,
    catches="PW-19",
    why="who finds a session open would take the whole account, and lock its owner out",
    see="OWASP ASVS 5.0 V6.2.3",
    after=("password_can_be_changed",),
)
def test_old_password_is_asked_for(api: Api) -> None:
    person, new = api.register("owner"), f"taken-{secrets.token_hex(8)}"
    question = "SELECT password_hash FROM users WHERE id = ?"
    stolen = next(iter(api.stored.rows(question, person.id)), {}).get("password_hash")
    for what, guess in (
        ("a wrong current_password", {"current_password": f"{person.password}x"}),
        ("an empty current_password", {"current_password": ""}),
        ("no current_password", {}),
        ("a current_password of 100 letters", {"current_password": "x" * 100}),
        ("the stored hash as current_password", {"current_password": str(stolen)}),
    ):
        change = {"new_password": new} | guess
        seen = api.put("/users/me/password", token=person.token, json=change)
        wanted = (400, 401, 403) if what.startswith("a wrong") else (400, 401, 403, 422)
        if seen.status not in wanted:
            expect(seen).fail(f"400, 401 or 403 for {what}")
        expect(seen).hides(new)
    alive(profile(api, person.token), "the owner's token, after wrong guesses")
    alone = {"new_password": new}
    for method in ("POST", "PATCH"):
        seen = api.call(method, "/users/me/password", token=person.token, json=alone)
        if seen.status < 400:
            expect(seen).fail("a refusal without the old password, whatever the method")
    expect(api.post("/login", json=person.credentials)).status(200)
    expect(api.post("/login", json=person.credentials | {"password": new})).refused()


@check(
    "A new password ends the tokens of before, everywhere and for good",
    task=4,
    points=1,
    catches="PW-20",
    why="people change a password because somebody else is in: he would stay in",
    see="OWASP ASVS 5.0 V7.4.3",
    # Where tokens of one second share a jti, olga's logout ended hers of that second, or did not.
    after=(KEPT, test_jti_is_unique, "password_can_be_changed"),
)
def test_new_password_ends_sessions(api: Api) -> None:
    person = api.register("renewer")
    stolen, own = person.token, person.new_token()
    alive(profile(api, stolen), "a fresh token")
    change = {"current_password": person.password, "new_password": f"{person.password}-new"}
    expect(api.put("/users/me/password", token=own, json=change)).status(204)
    dead(profile(api, stolen), "a token of before the password was changed")
    dead(profile(api, own), "the token that the password was changed with")
    person.password = change["new_password"]
    alive(profile(api, person.new_token()), "a login with the new password, in the same second")
    deputy = api.register("deputy")
    seen = api.put(f"/users/{deputy.id}/roles", token=api.olga.token, json={"roles": ["admin"]})
    expect(seen).status(200)
    stolen, own = deputy.new_token(), deputy.new_token()
    change = {"current_password": f"{deputy.password}x", "new_password": f"{deputy.password}-new"}
    seen = api.put("/users/me/password", token=own, json=change)
    if seen.status not in (400, 401, 403):
        expect(seen).fail("400, 401 or 403 for a wrong current_password, for an admin, too")
    change["current_password"] = deputy.password
    expect(api.put("/users/me/password", token=own, json=change)).status(204)
    dead(profile(api, stolen), "an admin's token of before the password was changed")
    seen = api.put(f"/users/{deputy.id}/roles", token=api.olga.token, json={"roles": []})
    expect(seen).status(200)
    scene = told(api, at_two_workers)
    alive(scene.of("stolen, before"), "a fresh token, at the second worker")
    expect(scene.of("renewed")).status(204)
    dead(scene.of("stolen"), "a token of before the new password, at the second worker")
    scene = told(api, over_a_restart)
    expect(scene.of("renewed")).status(204)
    dead(scene.of("stolen"), "a token of before the new password, after a restart")


# -- at the end: what all of it has left behind ---------------------------------------------


@kept.nothing_printed(after=("accounts_work",))
def test_log_holds_no_password(api: Api) -> None:
    kept.nothing_secret_is_printed(api)
