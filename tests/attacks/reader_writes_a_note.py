"""Alice gives a program that shows her notes a token for reading. Mallory gets hold of it.

It works where a token's scope is written down and the routes that write never ask for it.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Write a note with a token that is for reading",
    route="POST /notes",
    closes=10,
    see="RFC 6749 §3.3",
    catches="SC-12",
)
def reader_writes_a_note(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", "scope": "notes:read", **alice.credentials}
    answer = reach(api.post("/token", form=form, caller=alice.username)).json
    if not isinstance(answer, dict) or "notes:read" not in str(answer.get("scope")):
        raise NoSuchRoute("a token that is for reading alone")
    note = {"title": "To my bank", "body": "Please send all I have to Mallory."}
    seen = api.post("/notes", token=answer["access_token"], json=note, caller="mallory")
    return "a note of Mallory's among Alice's own" if reach(seen).status == 201 else None
