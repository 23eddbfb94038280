"""Mallory deletes notes by their numbers.

It works where the deletion does not ask for the owner, or asks when it is too late.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Delete a stranger's note",
    route="DELETE /notes/{id}",
    closes=8,
    see="OWASP API1:2023",
    catches="AZ-03 AZ-21",
)
def delete_by_counting(api: Api) -> str | None:
    reach(api.get("/notes", caller="mallory"))
    alice, mallory = api.alice, api.mallory
    note = {"title": "Thesis", "body": "Three years of work"}
    seen = api.post("/notes", json=note, token=alice.token, caller=alice.username)
    if seen.status != 201:
        return None
    path = f"/notes/{seen.json['id']}"
    api.delete(path, token=mallory.token, caller=mallory.username)
    found = api.get(path, token=alice.token, caller=alice.username)
    return "Alice's only copy: her note is gone" if found.status == 404 else None
