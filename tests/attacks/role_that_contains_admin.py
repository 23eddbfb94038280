"""Mallory helps in the office: her role is `admin-assistant`, and it contains the word.

It works where `"admin" in role` looks for a part of a text, and one of a list was meant.
"""

from workbook.attacking import Api, NoSuchRoute, attack

GIVEN = "INSERT INTO user_roles (user_id, role) VALUES (?, ?)"
ROLES = ("admin-assistant", "not-admin")


@attack(
    "Pass for an admin with a role that contains the word",
    route="GET /admin",
    closes=9,
    see="CWE-697",
    catches="AZ-12",
)
def role_that_contains_admin(api: Api) -> str | None:
    """Take a harmless role, log in anew, and look into the admin area."""
    mallory, olga = api.mallory, api.olga
    for role in ROLES:
        api.stored.change(GIVEN, mallory.id, role)
    if api.get("/admin", token=olga.token, caller=olga.username).status != 200:
        raise NoSuchRoute("an admin area that lets admins in")
    seen = api.get("/admin", token=mallory.new_token(), caller=mallory.username)
    return "the admin area, for an admin-assistant" if seen.status == 200 else None
