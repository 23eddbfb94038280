"""Mallory gets nothing of Alice's through any route, whatever valid request she makes.

Schemathesis draws requests to every operation that an answer describes. They carry Mallory's
token, and where the path asks for an id, one of Alice's. No 2xx may hold Alice's notes or account,
and afterwards all that is hers is as it was. The tool's own check of two identities agrees.
"""

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from house.serving import Serve
from workbook import tree
from workbook.authoring.corpus import Edit
from workbook.grading.api import Api, Person

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

NUMBERS = [n.number for n in tree.lessons() if n.number >= 8 and n.solution.is_dir()]
SETTINGS = hypothesis.settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


def hers(alice: Person) -> dict[str, Any]:
    """Return all that is Alice's, as she sees it herself."""
    return {path: alice.api.get(path, token=alice.token).json for path in ("/users/me", "/notes")}


def leaks(api: Api) -> list[str]:
    """Return what Mallory gets or changes of Alice's."""
    alice = api.alice
    for number in (1, 2):
        note = {"title": f"kept-title-{number}", "body": f"kept-text-{number}"}
        assert api.post("/notes", json=note, token=alice.token).status == 201
    before = hers(alice)
    ids = {
        "note_id": [note["id"] for note in before["/notes"]],
        "user_id": [alice.id],
    }
    secrets = ["kept-title-", "kept-text-", alice.email, alice.full_name, alice.id]
    found, served = [], False
    schema = schemathesis.openapi.from_dict(api.get("/openapi.json").json)
    for operation in (one.ok() for one in schema.get_all_operations()):
        mallory = api.register("mallory")  # a new one each time: she may close her account
        for status, text in answers(operation, ids, mallory):
            served |= status in (200, 201)
            if 200 <= status < 300 and any(secret in text for secret in secrets):
                found.append(f"{operation.label}: {text[:200]}")
    if hers(alice) != before:
        found.append(f"what was Alice's has changed: {hers(alice)}")
    return found if served else [*found, "Mallory was served nothing at all"]


def answers(
    operation: Any, ids: dict[str, list[Any]], mallory: Person
) -> Iterator[tuple[int, str]]:
    """Send requests to one operation as Mallory; return status and text of the answers."""
    seen: list[tuple[int, str]] = []
    api, headers = mallory.api, {"Authorization": f"Bearer {mallory.token}"}
    names = [one.name for one in operation.path_parameters]
    for path in [{name: one} for name in names for one in ids[name]] or [None]:

        @hypothesis.given(case=operation.as_strategy(path_parameters=path))
        @SETTINGS
        def send(case: Any) -> None:
            answer = case.call(base_url=api.server.address.url, headers=headers)
            seen.append((answer.status_code, answer.text))

        send()
    return seen


@pytest.mark.parametrize("number", NUMBERS)
def test_mallory_gets_nothing_of_alices(number: int, serve: Serve) -> None:
    assert leaks(serve(tree.lesson(number), port=0)) == []


OWNED = "select(Note).where(Note.id == note_id, Note.owner_id == user.id)"
UNGUARDED = Edit("notes.py", OWNED, "select(Note).where(Note.id == note_id)")
LISTED = Edit("notes.py", ".where(Note.owner_id == user.id).order_by", ".order_by")
ANYBODYS = [
    Edit("app.py", "if user_id != user.id:", "if not user_id:"),
    Edit("app.py", "account = user\n", "account = db.get(Account, user_id) or user\n"),
]
PLANTED = [
    pytest.param([UNGUARDED], "GET /notes/{note_id}: ", id="any note by its id"),
    pytest.param([UNGUARDED], "what was Alice's has changed", id="any note is changed"),
    pytest.param([LISTED], "GET /notes: ", id="a list of all notes"),
    pytest.param(ANYBODYS, "what was Alice's has changed", id="anybody's account"),
]


@pytest.mark.parametrize(("edits", "said"), PLANTED)
def test_a_planted_leak_is_found(edits: list[Edit], said: str, serve: Serve) -> None:
    assert any(one.startswith(said) for one in leaks(serve(tree.lesson(8), *edits, port=0)))


# -- what the tool itself says -------------------------------------------------------------------


def judged(api: Api, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let Schemathesis read as one of two people what the other one has made."""
    people = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for name, token in (("alice", api.alice.token), ("mallory", api.mallory.token))
    ]
    (folder / "people.json").write_text(json.dumps({"auth": people}))
    (folder / "schemathesis.toml").write_text(
        '[auth.wfc]\npath = "people.json"\npeers = ["alice", "mallory"]\n'
    )
    words = ["--checks", "object_level_authorization", "--phases", "stateful", "--seed", "1"]
    words += ["--max-examples", "10", "--no-shrink", "--exclude-path-regex", ENDS]
    address = f"{api.server.address.url}/openapi.json"
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", address, *words],
        cwd=folder,
        capture_output=True,
        text=True,
    )


ENDS = "^/users/me|^/logout|^/revoke"
"""Routes that end an account or its tokens: without them nobody reads anything."""


def test_the_tool_finds_no_object_of_another(serve: Serve, tmp_path: Path) -> None:
    done = judged(serve(tree.lesson(NUMBERS[-1]), port=0), tmp_path)
    assert done.returncode == 0, done.stdout
    assert "API Links" in done.stdout


def test_the_tool_finds_the_planted_one(serve: Serve, tmp_path: Path) -> None:
    done = judged(serve(tree.lesson(8), UNGUARDED, port=0), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "`mallory` received the `SavedNote` that `alice` owns" in done.stdout
