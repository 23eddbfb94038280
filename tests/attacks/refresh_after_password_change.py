"""Alice suspects a thief and changes her password. Mallory holds a refresh token of before.

It works where a refresh looks at the token alone, and not at what has become of its user.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Refresh after the password was changed",
    route="POST /token",
    closes=12,
    see="OWASP ASVS 5.0 V7.4.3",
    catches="RF-08",
)
def refresh_after_password_change(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    stolen = {"grant_type": "refresh_token", "refresh_token": seen.json["refresh_token"]}
    change = {"current_password": alice.password, "new_password": alice.password[::-1]}
    token = seen.json["access_token"]
    reach(api.put("/users/me/password", token=token, json=change, caller=alice.username))
    seen = api.post("/token", form=stolen, caller="mallory")
    if seen.status != 200:
        return None
    seen = api.get("/profile", token=seen.json["access_token"], caller="mallory")
    return "Alice's profile, whatever her password is now" if seen.status == 200 else None
