"""Mallory puts a text of her own in the place of Alice's, by the number of the note.

It works where the change does not ask for the owner, or asks when it is too late.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Write over a stranger's note",
    route="PUT /notes/{id}",
    closes=8,
    see="OWASP API1:2023",
    catches="AZ-02 AZ-21",
)
def overwrite_by_counting(api: Api) -> str | None:
    reach(api.get("/notes", caller="mallory"))
    alice, mallory = api.alice, api.mallory
    note = {"title": "Account number", "body": "Pay to 1234"}
    seen = api.post("/notes", json=note, token=alice.token, caller=alice.username)
    if seen.status != 201:
        return None
    path = f"/notes/{seen.json['id']}"
    forged = {"title": "Account number", "body": "Pay to 6666"}
    api.put(path, json=forged, token=mallory.token, caller=mallory.username)
    found = api.get(path, token=alice.token, caller=alice.username)
    return "Alice reads in her own note: Pay to 6666" if "6666" in found.text else None
