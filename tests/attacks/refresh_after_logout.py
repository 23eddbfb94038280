"""Alice logs out at the library. Mallory sits down there and finds the refresh token.

It works where logout takes back the access token alone.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Refresh after the owner has logged out",
    route="POST /token",
    closes=12,
    see="OWASP ASVS 5.0 V7.4.1",
    catches="RF-08",
)
def refresh_after_logout(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    found = {"grant_type": "refresh_token", "refresh_token": seen.json["refresh_token"]}
    reach(api.post("/logout", token=seen.json["access_token"], caller=alice.username))
    seen = api.post("/token", form=found, caller="mallory")
    return "tokens for Alice, who has logged out" if seen.status == 200 else None
