"""Mallory asks for her notes, and gets a list.

It works where the list is the whole table: one request, and she has read everybody's pages.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Read everybody's notes in one list",
    route="GET /notes",
    closes=8,
    see="OWASP API1:2023",
    catches="AZ-04",
)
def list_everybodys_notes(api: Api) -> str | None:
    reach(api.get("/notes", caller="mallory"))
    victims = [api.alice, api.bob]
    for person in victims:
        note = {"title": "Private", "body": f"only {person.username} knows"}
        reach(api.post("/notes", json=note, token=person.token, caller=person.username))
    seen = api.get("/notes", token=api.mallory.token, caller=api.mallory.username)
    read = [one.username.capitalize() for one in victims if f"only {one.username}" in seen.text]
    return f"the notes of {' and '.join(read)}" if read else None
