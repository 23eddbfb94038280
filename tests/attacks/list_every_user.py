"""Mallory is signed in as herself, an ordinary user, and asks for the list that admins read.

It works where a route was put into the admins' file and nobody hung the guard on it.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Read the list of all users as a plain user",
    route="GET /users",
    closes=9,
    see="OWASP API5:2023",
    catches="AZ-10 IL-08",
)
def list_every_user(api: Api) -> str | None:
    """Look for Alice's address in the list."""
    alice, mallory = api.alice, api.mallory
    seen = reach(api.get("/users", token=mallory.token, caller=mallory.username))
    if seen.status != 200 or alice.email not in seen.text:
        return None
    count = len(seen.json) if isinstance(seen.json, list) else "some"
    return f"name and e-mail address of {count} users, Alice's among them"
