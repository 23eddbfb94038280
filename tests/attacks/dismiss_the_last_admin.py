"""Olga has had enough of her job: she takes the role of admin from herself, and was the last one.

It works where nobody counts. Then no admin can be named any more: naming one takes an admin.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Dismiss the last admin",
    route="PUT /users/{id}/roles",
    closes=9,
    see="a rule of this service",
    catches="AZ-17",
)
def dismiss_the_last_admin(api: Api) -> str | None:
    """Demote Olga, and look whether anybody can still run the service."""
    olga = api.olga
    who = api.get("/users/me", token=olga.token, caller=olga.username).json
    if not isinstance(who, dict):
        raise NoSuchRoute("GET /users/me for Olga")
    path = f"/users/{who.get('id')}/roles"
    reach(api.put(path, token=olga.token, json={"roles": []}, caller=olga.username))
    seen = api.get("/admin", token=olga.new_token(), caller=olga.username)
    return "a service that nobody can run any more" if seen.status == 403 else None
