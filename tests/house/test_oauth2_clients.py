"""Real OAuth2 clients log in to the answers: the shape of /token is the standard's, not ours."""

import base64
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from workbook import tree
from workbook.grading import Api, Person
from workbook.running.server import Launcher, Server, job_for

WITH_TOKEN = [lesson for lesson in tree.lessons() if 4 <= lesson.number <= 12]
WITH_SCOPES = [lesson for lesson in WITH_TOKEN if lesson.number >= 10]


def profile_of(person: Person, number: int) -> dict[str, str]:
    """Return what `GET /profile` of this lesson asks for beside the token."""
    return {"username": person.username} if number < 6 else {}


def named(lesson: tree.Lesson) -> str:
    """Return a lesson's name for a test's id."""
    return f"lesson {lesson.number}"


@pytest.fixture(params=WITH_TOKEN, ids=named)
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
    scope = "notes:read" if lesson in WITH_SCOPES else "a-scope"
    with authlib.OAuth2Client("a-client", "s3cret/+%", **settings) as client:
        token = client.fetch_token(
            f"{address}/token", grant_type="password", scope=scope, **alice.credentials
        )
        assert token["token_type"].lower() == "bearer"
        assert not token.is_expired()
        if lesson.number > 4:
            seen = client.get(f"{address}/profile", params=profile_of(alice, lesson.number))
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


@pytest.mark.parametrize("lesson", WITH_SCOPES, ids=named, indirect=True)
def test_authlib_is_told_what_its_token_is_good_for(
    lesson: tree.Lesson, answer: Api, authlib: ModuleType
) -> None:
    alice, address = answer.alice, answer.server.address.url
    note = {"title": "Shopping", "body": "strings for the violin"}
    with authlib.OAuth2Client("a-client", token_endpoint_auth_method="none") as client:

        def fetch(scope: str) -> dict[str, str]:
            found: dict[str, str] = client.fetch_token(
                f"{address}/token", grant_type="password", scope=scope, **alice.credentials
            )
            return found

        assert fetch("notes:read users:admin")["scope"] == "notes:read"
        assert client.get(f"{address}/notes").status_code == 200
        refusal = client.post(f"{address}/notes", json=note)
        assert refusal.status_code == 403
        assert 'scope="notes:write"' in refusal.headers["WWW-Authenticate"]
        fetch("notes:write")  # as the refusal says
        assert client.post(f"{address}/notes", json=note).status_code == 201
        with pytest.raises(authlib.OAuthError) as refused:
            fetch("users:admin")
        assert refused.value.error == "invalid_scope"


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
