"""With REDIS_URL the answers keep their list of revoked tokens in a real Redis.

TEST_REDIS_URL is the address of one to write into (`house.stores`); without it these proofs are
skipped, but for the one that needs no Redis at all.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from house.serving import Serve
from house.stores import REDIS
from workbook import tree
from workbook.grading.api import Api
from workbook.talking import forge

LESSONS = [
    pytest.param(one, id=f"lesson {one.number}")
    for one in tree.lessons()
    if (one.solution / "redis_list.py").exists()
]


@pytest.fixture
def store() -> Iterator[Any]:
    """Give a real Redis, asked from the side; what came into it is taken out at the end."""
    if not REDIS:
        pytest.skip("skipped: no Redis at TEST_REDIS_URL")
    from redis import Redis  # only who names a Redis needs it

    with Redis.from_url(REDIS, decode_responses=True) as redis:
        before = set(redis.scan_iter())
        yield redis
        if came := set(redis.scan_iter()) - before:
            redis.delete(*came)


def profile(api: Api, token: str) -> int:
    return api.get("/profile", token=token).status


def closed_port() -> int:
    """Return a port of the loopback at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def entries_of(store: Any, jti: str) -> list[str]:
    return [key for key in store.scan_iter() if jti in key]


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_entry_lives_as_long_as_its_token(lesson: tree.Lesson, serve: Serve, store: Any) -> None:
    api = serve(lesson, REDIS_URL=REDIS)
    longer = int(time.time()) + 4000
    token = api.alice.new_token()
    other = forge.forge(api.alice.new_token(), api.secret_key, {"exp": longer})
    assert api.post("/logout", token=token).status == 204
    assert api.post("/revoke", form={"token": other}).status == 200
    for one in (token, other):
        claims = forge.claims_of(one)
        (key,) = entries_of(store, claims["jti"])
        assert store.expiretime(key) == claims["exp"]
        assert profile(api, one) == 401
    assert api.stored.rows("SELECT jti FROM revoked_tokens WHERE jti = ?", claims["jti"]) == []

    # Redis itself drops an entry at its time; here that time is now.
    (key,) = entries_of(store, forge.claims_of(token)["jti"])
    store.expireat(key, int(time.time()) - 1)
    assert entries_of(store, forge.claims_of(token)["jti"]) == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_workers_share_the_list_and_a_restart_does_not_empty_it(
    lesson: tree.Lesson, serve: Serve, store: Any
) -> None:
    api = serve(lesson, REDIS_URL=REDIS)
    here, there, kept = (api.alice.new_token() for _ in range(3))
    worker = api.worker()
    assert {profile(worker, one) for one in (here, there, kept)} == {200}
    assert api.post("/logout", token=here).status == 204
    assert profile(worker, here) == 401
    assert worker.post("/logout", token=there).status == 204
    api.restart()
    assert [profile(api, one) for one in (here, there, kept)] == [401, 401, 200]
    assert profile(api, forge.respelled(here)[0]) == 401


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_forged_token_leaves_nothing_in_redis(
    lesson: tree.Lesson, serve: Serve, store: Any
) -> None:
    api = serve(lesson, REDIS_URL=REDIS)
    token = api.alice.token
    before = set(store.scan_iter())
    for bad in (forge.forge(token, "a key that Mallory made up"), forge.unsigned(token), "x" * 40):
        assert api.post("/revoke", form={"token": bad}).status == 200
    assert set(store.scan_iter()) == before
    assert profile(api, token) == 200


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_list_that_fails_half_way_lets_nobody_in(
    lesson: tree.Lesson, serve: Serve, store: Any
) -> None:
    api = serve(lesson, REDIS_URL=REDIS)
    token = api.alice.token
    assert profile(api, token) == 200
    api.restart(REDIS_URL=f"redis://127.0.0.1:{closed_port()}/0")
    assert profile(api, token) == 503
    api.restart(REDIS_URL=REDIS)
    assert profile(api, token) == 200


@pytest.mark.parametrize("lesson", LESSONS)
def test_without_its_redis_the_service_says_503(lesson: tree.Lesson, serve: Serve) -> None:
    """Nobody listens at REDIS_URL: a good token opens nothing, and no logout is a success."""
    api = serve(lesson, REDIS_URL=f"redis://127.0.0.1:{closed_port()}/0")
    token = api.alice.token
    for method, path in (
        ("GET", "/profile"), ("GET", "/users/me"), ("GET", "/notes"), ("GET", "/protected"),
        ("POST", "/logout"), ("POST", "/logout-everywhere"), ("POST", "/introspect"),
    ):  # fmt: skip
        assert api.call(method, path, token=token).status == 503, path
    assert api.post("/revoke", form={"token": token}).status == 503
    assert api.get("/profile", token=forge.unsigned(token)).status == 401  # that needs no list
    assert api.get("/profile").status == 401
