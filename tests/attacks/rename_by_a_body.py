"""Mallory gives herself a user name that looks like Alice's: its first letter is Cyrillic.

Registration refuses such a name. It works where a change of the account takes the field all the
same, as every field of the body goes into the row.
"""

from workbook.attacking import Api, NoSuchRoute, attack


@attack(
    "Pass for somebody else by a field too many",
    route="PUT /users/{id}",
    closes=8,
    see="OWASP API3:2023",
    catches="AZ-06 PW-17",
)
def rename_by_a_body(api: Api) -> str | None:
    if api.put("/users/nobody", json={}, caller="mallory").status in (404, 405):
        raise NoSuchRoute("PUT /users/{id}")
    alice, mallory = api.alice, api.mallory
    twin = "\N{CYRILLIC SMALL LETTER A}" + alice.username[1:]
    body = {"full_name": alice.full_name, "email": mallory.email, "username": twin}
    path = f"/users/{mallory.id}"
    api.put(path, json=body, token=mallory.token, caller=mallory.username)
    seen = api.get("/profile", token=mallory.token, caller=mallory.username)
    named = isinstance(seen.json, dict) and seen.json.get("username") == twin
    return f"the user name {twin}, which reads like Alice's" if named else None
