"""Mallory found a token of Alice's that was issued before the service knew of scopes.

It works where a token that names no scope is taken for one that may do everything.
"""

from workbook.attacking import Api, NoSuchRoute, attack, forge, reach


@attack(
    "Do everything with a token that names no scope",
    route="GET /notes",
    closes=10,
    see="OWASP ASVS 5.0 V8.2.1",
    catches="SC-05",
)
def token_without_a_scope(api: Api) -> str | None:
    alice = api.alice
    answer = reach(api.post("/token", form=alice.credentials, caller=alice.username)).json
    if not isinstance(answer, dict) or "scope" not in answer:
        raise NoSuchRoute("a token with a scope")
    note = {"title": "Diary", "body": "The key is under the third stone."}
    reach(api.post("/notes", token=answer["access_token"], json=note, caller=alice.username))
    changed = {"scope": forge.LEFT_OUT}
    old = forge.forge(answer["access_token"], api.secret_key, changed)
    seen = api.get("/notes", token=old, caller="mallory")
    if note["body"] in seen.text:
        return f"Alice's diary, with a token that names no scope: {note['body']}"
    return None
