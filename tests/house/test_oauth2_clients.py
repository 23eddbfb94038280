"""Real OAuth2 clients log in to the answers: the shape of /token is the standard's, not ours."""

import base64
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from workbook import tree
from workbook.grading.api import Api, Person
from workbook.running.server import Launcher, Server, job_for

WITH_TOKEN = [lesson for lesson in tree.lessons() if lesson.number in (4, 5, 6)]
PROFILE: dict[int, Callable[[Person], dict[str, str]]] = {
    5: lambda person: {"username": person.username},
    6: lambda person: {},
}
"""What `GET /profile` asks for beside the token, where it asks for one."""


@pytest.fixture(params=WITH_TOKEN, ids=lambda lesson: f"lesson {lesson.number}")
def lesson(request: pytest.FixtureRequest) -> tree.Lesson:
    """One lesson after the other that has a token address."""
    found: tree.Lesson = request.param
    return found


@pytest.fixture
def answer(lesson: tree.Lesson, warm: Launcher) -> Iterator[Api]:
    """The lesson's answer, served on a port, with Alice registered."""
    home = Path(tempfile.mkdtemp(prefix="workbook-"))
    job = job_for(tree.SOLUTIONS, lesson.package, home, {})
    api = Api(Server(warm, job, port=0, home=home))
    api.server.start()
    yield api
    api.close()


@pytest.fixture
def authlib(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Authlib's client; it speaks plain HTTP when told to, and its import warns of httpx."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with warnings.catch_warnings():
        from authlib import deprecate  # it shows its warnings whatever was asked for before

        warnings.simplefilter("ignore", deprecate.AuthlibDeprecationWarning)
        from authlib.integrations import httpx_client
    module: ModuleType = httpx_client
    return module


CLIENTS = [
    pytest.param({"token_endpoint_auth_method": "none"}, id="public client"),
    pytest.param({"token_endpoint_auth_method": "client_secret_basic"}, id="HTTP Basic"),
    pytest.param({"token_endpoint_auth_method": "client_secret_post"}, id="secret in the form"),
]


@pytest.mark.parametrize("settings", CLIENTS)
def test_authlib_gets_a_token_uses_it_and_reads_a_refusal(
    settings: dict[str, str], lesson: tree.Lesson, answer: Api, authlib: ModuleType
) -> None:
    alice, address = answer.alice, answer.server.address.url
    with authlib.OAuth2Client("a-client", "s3cret/+%", **settings) as client:
        token = client.fetch_token(
            f"{address}/token", grant_type="password", scope="a-scope", **alice.credentials
        )
        assert token["token_type"].lower() == "bearer"
        assert not token.is_expired()
        if lesson.number in PROFILE:
            seen = client.get(f"{address}/profile", params=PROFILE[lesson.number](alice))
            assert seen.status_code == 200
            assert alice.full_name in seen.text
        with pytest.raises(authlib.OAuthError) as refusal:
            client.fetch_token(
                f"{address}/token",
                grant_type="password",
                username=alice.username,
                password="not-her-password",
            )
        assert refusal.value.error == "invalid_grant"


def test_a_client_without_a_library_may_send_http_basic(answer: Api) -> None:
    alice, address = answer.alice, answer.server.address.url
    form = {"grant_type": "password", **alice.credentials}
    for sent in ("a-client:its-secret", "a-client:", ":", "no colon", "ä:ö"):
        basic = base64.b64encode(sent.encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
        seen = httpx.post(f"{address}/token", data=form, headers=headers, trust_env=False)
        assert seen.status_code == 200, sent
        assert seen.json()["access_token"]
        assert "no-store" in seen.headers["cache-control"]


@pytest.mark.parametrize("broken", ["Basic", "Basic %%%", "Bearer", "Bearer x.y.z"])
def test_a_strange_authorization_header_does_not_disturb_the_token_address(
    broken: str, answer: Api
) -> None:
    form = {"grant_type": "password", **answer.alice.credentials}
    seen = answer.post("/token", form=form, headers={"Authorization": broken})
    assert seen.status == 200
