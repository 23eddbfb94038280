"""Mallory gives herself the role: `PUT /users/{her id}/roles`, signed in as herself.

It works where the route that hands out rights does not ask for any.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Make oneself an admin",
    route="PUT /users/{id}/roles",
    closes=9,
    see="OWASP API5:2023",
    catches="AZ-10 AZ-16",
)
def make_oneself_admin(api: Api) -> str | None:
    """Take the role, log in anew, and look into the admin area."""
    mallory = api.mallory
    path, wanted = f"/users/{mallory.id}/roles", {"roles": ["admin"]}
    reach(api.put(path, token=mallory.token, json=wanted, caller=mallory.username))
    seen = api.get("/admin", token=mallory.new_token(), caller=mallory.username)
    return "the admin area: Mallory is an admin now" if seen.status == 200 else None
