"""Alice has a token of a book club that trusts the same key. Its scope is `notes:reader`.

In the club that means: may see who reads. Mallory tries it on the notes. It works where the server
looks for the letters `notes:read` inside a token's scope and not for a whole word.
"""

from workbook.attacking import Api, NoSuchRoute, attack, forge, reach


@attack(
    "Read notes with a scope that begins with the same letters",
    route="GET /notes",
    closes=10,
    see="RFC 6749 §3.3",
    catches="SC-02",
)
def scope_that_looks_alike(api: Api) -> str | None:
    alice = api.alice
    answer = reach(api.post("/token", form=alice.credentials, caller=alice.username)).json
    if not isinstance(answer, dict) or "scope" not in answer:
        raise NoSuchRoute("a token with a scope")
    note = {"title": "Diary", "body": "The key is under the third stone."}
    reach(api.post("/notes", token=answer["access_token"], json=note, caller=alice.username))
    club = forge.forge(answer["access_token"], api.secret_key, {"scope": "notes:reader"})
    seen = api.get("/notes", token=club, caller="mallory")
    if note["body"] in seen.text:
        return f"Alice's diary, with a token for another thing: {note['body']}"
    return None
