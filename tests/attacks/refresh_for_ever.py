"""Mallory stole a refresh token once. Shortly before it ends she swaps it for a new one, each time.

It works where each refresh begins the days anew. Nobody waits here: a token is made older by what
is stored of it, or, where it is a signed text, by signing an earlier end.
"""

import time

from workbook.attacking import Api, NoSuchRoute, attack, forge, reach

SECONDS = 60


@attack(
    "Stay for ever by refreshing in time",
    route="POST /token",
    closes=12,
    see="OWASP ASVS 5.0 V10.4.8",
    catches="RF-07",
)
def refresh_for_ever(api: Api) -> str | None:
    alice, soon = api.alice, int(time.time()) + SECONDS
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    stolen = str(seen.json["refresh_token"])
    if signed(stolen):
        stolen = forge.forge(stolen, api.secret_key, {"exp": soon})
    else:
        api.stored.change("UPDATE refresh_tokens SET expires_at = ?", soon)
    form = {"grant_type": "refresh_token", "refresh_token": stolen}
    seen = api.post("/token", form=form, caller="mallory")
    if seen.status != 200:
        return None
    newer = str(seen.json["refresh_token"])
    days = (end(api, newer) - soon) / 86_400
    return f"{days:.0f} more days, a minute before the end" if days > 1 else None


def signed(token: str) -> bool:
    """Tell whether a refresh token is a signed text that says when it ends."""
    return token.count(".") == 2


def end(api: Api, token: str) -> float:
    """Return when a refresh token ends, in seconds since 1970."""
    if signed(token):
        return float(forge.claims_of(token)["exp"])
    (row,) = api.stored.rows("SELECT MAX(expires_at) AS last FROM refresh_tokens")
    return float(row["last"])
