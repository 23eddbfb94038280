"""Mallory finds Alice's refresh token, good for days, and shows it where an access token is due.

It works where both are signed alike and nothing in them says what they are for.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Read a profile with a refresh token",
    route="GET /profile",
    closes=12,
    see="RFC 8725 §3.12",
    catches="RF-01",
)
def refresh_token_as_access_token(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    found = str(seen.json["refresh_token"])
    seen = api.get("/profile", token=found, caller="mallory")
    if seen.status == 200 and alice.email in seen.text:
        return "Alice's profile, for days and without a refresh"
    return None
