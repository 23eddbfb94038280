"""Mallory finds one of Alice's tokens in an old log and uses it long after its end.

It works where the server never compares `exp` with the clock.
"""

import time

from workbook.attacking import Api, NoSuchRoute, attack, forge

DAY = 86400


@attack(
    "Be Alice with a token of yesterday",
    route="GET /profile",
    closes=6,
    see="RFC 7519 §4.1.4",
    catches="VF-09",
)
def profile_expired_token(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice, now = api.alice, int(time.time())
    # Alice's own token as it was yesterday: nobody has to wait a day for it.
    old = {"iat": now - DAY, "exp": now - DAY + 900}
    token = forge.forge(alice.token, api.secret_key, old)
    address = {"username": alice.username}
    seen = api.get("/profile", token=token, params=address, caller="mallory")
    if seen.status == 200 and alice.username in seen.text:
        return "Alice's profile, with a token that ended yesterday"
    return None
