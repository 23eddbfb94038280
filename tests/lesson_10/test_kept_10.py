"""What lesson 10 keeps of the lessons before."""

from __future__ import annotations

import kept
from workbook.grading import Api, check, expect

USER = ("id", "username", "email", "full_name", "roles")
GUARDED = (("GET", "/notes"), ("POST", "/notes"), ("DELETE", "/users/me"), ("GET", "/admin"))


@check(
    "Registration, login and the pages of the documentation stay open",
    task=None,
    points=0,
    why="who has no token yet must be able to get one: a lock on the ticket office sells none",
)
def test_accounts_still_work(api: Api) -> None:
    kept.accounts_work(api, *USER)


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-22",
    why="a new lock on one door must not loosen the hinges of another",
    after=(test_accounts_still_work,),
)
def test_bad_logins_are_still_refused(api: Api) -> None:
    kept.bad_logins_are_refused(api)
    kept.disabled_logs_in_nowhere(api)
    taken = api.new_person("twin").registration | {"username": api.alice.username.upper()}
    expect(api.post("/register", json=taken)).status(409)


@check(
    "A request without a token is refused",
    task=None,
    points=0,
    catches="TR-01 TR-02",
    why="a route that asks for a scope and forgets to ask for a token is an open route",
    see="RFC 6750 §3",
    after=(test_accounts_still_work,),
)
def test_no_token_is_still_refused(api: Api) -> None:
    kept.nobody_comes_in_without_a_token(api, *GUARDED)


@check(
    "A bad token is refused",
    task=None,
    points=0,
    catches="VF-01 VF-09 CU-01",
    why="a scope in a token that nobody has checked is a wish, not a right",
    see="RFC 6750 §3.1",
    after=(test_accounts_still_work,),
)
def test_bad_tokens_are_still_refused(api: Api) -> None:
    kept.bad_tokens_are_refused(api, ("GET", "/users/me"))
