"""Alice changes her password because somebody is in her account. Mallory is, and stays.

It works where a new password leaves the tokens of before alone.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Stay signed in after the password is changed",
    route="PUT /users/me/password",
    closes=11,
    see="OWASP ASVS 5.0 V7.4.3",
    catches="PW-20",
)
def signed_in_after_password_change(api: Api) -> str | None:
    alice = api.alice
    stolen = alice.token
    change = {"current_password": alice.password, "new_password": f"{alice.password}-new"}
    reach(api.put("/users/me/password", token=alice.token, json=change, caller=alice.username))
    seen = api.get("/profile", token=stolen, caller="mallory")
    return "Alice's profile, after she has changed her password" if seen.status == 200 else None
