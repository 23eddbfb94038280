"""Alice leaves her laptop open. Mallory has a session, and makes it into an account of her own.

It works where a new password needs a good token, and not the old password.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Take over an open session by changing its password",
    route="PUT /users/me/password",
    closes=11,
    see="OWASP ASVS 5.0 V6.2.3",
    catches="PW-19",
)
def password_changed_without_the_old_one(api: Api) -> str | None:
    alice, chosen = api.alice, "mallory-chose-this-one"
    for guess in ({}, {"current_password": ""}, {"current_password": chosen}):
        change = guess | {"new_password": chosen}
        reach(api.put("/users/me/password", token=alice.token, json=change, caller="mallory"))
    login = {"username": alice.username, "password": chosen}
    seen = api.post("/login", json=login, caller="mallory")
    return "Alice's account; Alice herself is locked out" if seen.status == 200 else None
