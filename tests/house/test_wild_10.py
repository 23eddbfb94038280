"""The faulty apps of lesson 10 do today what its notebook says of them."""

import time

from house.serving import KEY, Start
from workbook.notebook.cast import Caller, alice, mallory
from workbook.notebook.token_view import Token
from workbook.talking import forge
from workbook.talking.client import Client


def token_for(client: Client, person: Caller, scope: str) -> str:
    """Log in and ask for a scope; a wrong password gets no token."""
    wrong = person.credentials | {"password": "a-wrong-guess"}
    assert client.send("POST", "/token", form=wrong).status == 400
    seen = client.send("POST", "/token", form={"scope": scope, **person.credentials})
    assert seen.status == 200
    return str(seen.json["access_token"])


def bad(token: str) -> dict[str, str]:
    """Return tokens that must be refused, by what is wrong with them."""
    good = Token(token)
    return {
        "any string": "any-string",
        "another key": str(good.signed_with("another" + KEY)),
        "unsigned": str(good.unsigned()),
        "ended": str(good.with_payload(exp=int(time.time()) - 60).signed_with(KEY)),
    }


def test_scopes_that_nobody_reads_keep_nobody_out(start: Start) -> None:
    _, client = start("scopes_never_read")
    reader = token_for(client, alice, "notes:read everything:delete")
    assert forge.claims_of(reader)["scope"] == "notes:read"  # what is granted is right
    seen = client.send("POST", "/notes", token=reader, params={"text": "by a reader"})
    assert (seen.status, seen.json) == (201, ["Buy strings", "by a reader"])
    for scope in ("", "no:such:scope"):
        other = token_for(client, alice, scope)
        assert client.send("GET", "/notes", token=other).status == 200
    for what, token in bad(reader).items():
        assert client.send("GET", "/notes", token=token).status == 401, what
    # The page of the API promises what the program does not keep.
    declared = client.send("GET", "/openapi.json").json["paths"]["/notes"]
    for method, scope in (("get", "notes:read"), ("post", "notes:write")):
        assert declared[method]["security"] == [{"OAuth2PasswordBearer": [scope]}]


def test_a_scope_granted_as_asked_makes_an_admin(start: Start) -> None:
    _, client = start("scopes_as_asked")
    token = token_for(client, mallory, "users:admin")
    seen = client.send("GET", "/admin", token=token)
    assert (seen.status, seen.json) == (200, {"message": "Welcome to the admin area, mallory"})
    for what, forged in bad(token).items():
        assert client.send("GET", "/admin", token=forged).status == 401, what


def test_a_missing_scope_looks_like_a_bad_token(start: Start) -> None:
    _, client = start("scopes_as_asked")
    answers = []
    for _ in range(3):  # as a client does that was told to log in again
        token = token_for(client, alice, "me")
        answers.append(client.send("GET", "/admin", token=token))
    answers.append(client.send("GET", "/admin", token="any-string"))
    told = {(seen.status, seen.header("WWW-Authenticate"), seen.text) for seen in answers}
    assert told == {(401, 'Bearer scope="users:admin"', '{"detail":"Unauthorized"}')}
