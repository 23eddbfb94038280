"""What lesson 8 keeps of the lessons before it."""

from __future__ import annotations

import kept
from workbook.grading import Api, check, expect

USER = ("id", "username", "email", "full_name")


@check(
    "Registration and login work as before",
    task=None,
    points=0,
    why="who has no token yet must be able to get one",
    file="app.py",
)
def test_accounts_work(api: Api) -> None:
    kept.accounts_work(api, *USER)


@check(
    "Bad logins and registrations are refused as before",
    task=None,
    points=0,
    catches="PW-11 PW-22",
    why="a new room must not loosen the locks of the old ones",
    file="app.py",
    after=(test_accounts_work,),
)
def test_bad_logins_are_refused(api: Api) -> None:
    kept.bad_logins_are_refused(api)
    kept.disabled_logs_in_nowhere(api)
    for name in (api.alice.username, api.alice.username.upper()):
        body = api.alice.registration | {"username": name}
        expect(api.post("/register", json=body)).status(409)


@check(
    "A bad token is refused at old and new routes",
    task=None,
    points=0,
    catches="VF-01 VF-02 VF-09 VF-10 VF-36 CU-04",
    why="a private page is as private as the check of the token in front of it",
    see="RFC 6750 §3.1",
    after=(test_accounts_work,),
)
def test_bad_tokens_are_refused(api: Api) -> None:
    kept.bad_tokens_are_refused(api, ("GET", "/notes"), ("PUT", f"/users/{api.alice.id}"))
    leaver = api.person("leaver")
    expect(api.get("/notes", token=leaver.token)).status(200)
    api.stored.disable(leaver.username)
    for path in ("/users/me", "/notes"):
        seen = api.get(path, token=leaver.token)
        if seen.status != 401:
            expect(seen).fail("401 for a user who is disabled")
        expect(seen).refused("invalid_token")
