"""Mallory was an admin, and has a token of those days. Since this morning she is none.

It works where the role is read from the token: a token remembers what its user was at the login.
"""

from workbook.attacking import Api, NoSuchRoute, attack

GIVEN = "INSERT INTO user_roles (user_id, role) VALUES (?, ?)"
TAKEN = "DELETE FROM user_roles WHERE user_id = ?"


@attack(
    "Go on as an admin without the role",
    route="GET /admin",
    closes=9,
    see="OWASP ASVS 5.0 V8.3.2",
    catches="AZ-11 MT-10",
)
def demoted_admins_token(api: Api) -> str | None:
    """Show the old token at the admin area, before and after."""
    mallory = api.mallory
    api.stored.change(GIVEN, mallory.id, "admin")
    token = mallory.new_token()
    if api.get("/admin", token=token, caller=mallory.username).status != 200:
        raise NoSuchRoute("an admin area that lets admins in")
    api.stored.change(TAKEN, mallory.id)
    seen = api.get("/admin", token=token, caller=mallory.username)
    return "the admin area, with the token of a dismissed admin" if seen.status == 200 else None
