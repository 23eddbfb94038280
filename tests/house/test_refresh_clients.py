"""Real OAuth2 clients refresh by themselves against the answers that hand out refresh tokens."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests_oauthlib
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient

from workbook import tree
from workbook.grading.api import Api
from workbook.running.server import Launcher, Server, job_for

WITH_REFRESH = [lesson for lesson in tree.lessons() if lesson.number >= 12]


@pytest.fixture(params=WITH_REFRESH, ids=lambda lesson: f"lesson {lesson.number}")
def answer(request: pytest.FixtureRequest, warm: Launcher) -> Iterator[Api]:
    """The lesson's answer, served on a port."""
    home = Path(tempfile.mkdtemp(prefix="workbook-"))
    job = job_for(tree.SOLUTIONS, request.param.package, home, {})
    api = Api(Server(warm, job, port=0, home=home))
    api.server.start()
    yield api
    api.close()


@pytest.fixture
def authlib(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Authlib's client; it speaks plain HTTP when told to, and its import warns of httpx."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with warnings.catch_warnings():
        from authlib import deprecate

        warnings.simplefilter("ignore", deprecate.AuthlibDeprecationWarning)
        from authlib.integrations import httpx_client
    module: ModuleType = httpx_client
    return module


def test_authlib_refreshes_by_itself(answer: Api, authlib: ModuleType) -> None:
    alice, address = answer.alice, answer.server.address.url
    kept: list[dict[str, Any]] = []

    def keep(token: dict[str, Any], **_: object) -> None:
        kept.append(token)

    settings = {"token_endpoint": f"{address}/token", "token_endpoint_auth_method": "none"}
    with authlib.OAuth2Client("a-client", update_token=keep, **settings) as client:
        first = client.fetch_token(grant_type="password", scope="notes:read", **alice.credentials)
        assert first["refresh_token"]
        for number in (1, 2):  # each time the client believes that its token has ended
            client.token = dict(client.token) | {"expires_at": int(time.time()) - 1}
            seen = client.get(f"{address}/profile")
            assert (seen.status_code, seen.json()["id"]) == (200, alice.id)
            assert len(kept) == number
        assert len({first["refresh_token"], *(one["refresh_token"] for one in kept)}) == 3
        assert client.get(f"{address}/notes").status_code == 200
        note = {"title": "To do", "body": "Mend the gate"}
        assert client.post(f"{address}/notes", json=note).status_code == 403
        with pytest.raises(authlib.OAuthError) as refusal:
            client.refresh_token(refresh_token=first["refresh_token"])
        assert refusal.value.error == "invalid_grant"


def test_requests_oauthlib_refreshes_by_itself(
    answer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")  # it asks for no scope and gets some
    alice, address = answer.alice, answer.server.address.url
    kept: list[dict[str, Any]] = []
    with requests_oauthlib.OAuth2Session(
        client=LegacyApplicationClient("a-client"),
        auto_refresh_url=f"{address}/token",
        token_updater=kept.append,
    ) as session:
        session.trust_env = False
        first = session.fetch_token(f"{address}/token", **alice.credentials)
        for number in (1, 2):
            session.token = dict(session.token) | {"expires_in": -1, "expires_at": time.time() - 1}
            seen = session.get(f"{address}/profile")
            assert (seen.status_code, seen.json()["id"]) == (200, alice.id)
            assert len(kept) == number
            session.token = kept[-1]
        assert len({first["refresh_token"], *(one["refresh_token"] for one in kept)}) == 3
        with pytest.raises(InvalidGrantError):
            session.refresh_token(f"{address}/token", refresh_token=first["refresh_token"])


@pytest.mark.parametrize("grant_type", [None, "password"])
def test_a_login_needs_no_grant_type_and_takes_the_right_one(
    grant_type: str | None, answer: Api
) -> None:
    form = {"grant_type": grant_type} if grant_type else {}
    seen = answer.post("/token", form=form | answer.alice.credentials)
    assert seen.status == 200
    assert seen.json["refresh_token"]


def test_the_documentation_shows_both_forms(answer: Api) -> None:
    schema = answer.get("/openapi.json").json
    body = schema["paths"]["/token"]["post"]["requestBody"]["content"]
    name = body["application/x-www-form-urlencoded"]["schema"]["$ref"].rpartition("/")[2]
    fields = schema["components"]["schemas"][name]
    assert {"grant_type", "username", "password", "refresh_token", "scope"} <= set(
        fields["properties"]
    )
    assert not fields.get("required")  # what is needed depends on the grant type
