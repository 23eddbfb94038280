"""Mallory copies Alice's refresh token, waits until Alice has used it, and uses it as well.

It works where a refresh token is as good after its use as before, and it works again and again.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Use a stolen refresh token a second time",
    route="POST /token",
    closes=12,
    see="RFC 9700 §4.14.2",
    catches="RF-03 RF-04 RF-05",
)
def stolen_refresh_token_twice(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    stolen = {"grant_type": "refresh_token", "refresh_token": seen.json["refresh_token"]}
    hers = api.post("/token", form=stolen, caller=alice.username)
    copied = api.post("/token", form=stolen, caller="mallory")
    if hers.status == copied.status == 200:
        return "tokens for Alice, beside those that Alice got for the same refresh token"
    return None
