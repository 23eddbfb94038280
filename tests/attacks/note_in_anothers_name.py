"""Mallory writes a note and says in its body that it is Alice's.

It works where all fields of a body go into the row: `owner_id` is a column like any other.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Write a note in somebody else's name",
    route="POST /notes",
    closes=8,
    see="OWASP API3:2023",
    catches="AZ-05",
)
def note_in_anothers_name(api: Api) -> str | None:
    reach(api.get("/notes", caller="mallory"))
    alice, mallory = api.alice, api.mallory
    forged = {"title": "I owe Mallory 1,000", "body": "Alice", "owner_id": alice.id}
    api.post("/notes", json=forged, token=mallory.token, caller=mallory.username)
    seen = api.get("/notes", token=alice.token, caller=alice.username)
    return "a debt among the notes of Alice, in her name" if forged["title"] in seen.text else None
