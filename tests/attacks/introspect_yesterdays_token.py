"""Mallory finds a token of Bob's in yesterday's backup, and it still opens the door.

It works where nobody checks `exp`. Nobody waits a day here: the workbook knows the server's key
and signs Bob's token again with the times of yesterday.
"""

import time

from workbook.attacking import Api, attack, forge, reach

DAY = 86_400


@attack(
    "Use a token that ended yesterday",
    route="POST /introspect",
    closes=3,
    see="RFC 7519 §4.1.4",
    catches="VF-09",
)
def use_yesterdays_token(api: Api) -> str | None:
    mallory, bob = api.mallory, api.bob
    yesterday = int(time.time()) - DAY
    old = forge.forge(bob.token, api.secret_key, {"iat": yesterday - 900, "exp": yesterday})
    seen = reach(
        api.post("/introspect", token=mallory.token, form={"token": old}, caller="mallory")
    )
    told = seen.json if isinstance(seen.json, dict) else {}
    if told.get("active") is True and told.get("sub") == bob.id:
        return "Bob's token of yesterday, still good today"
    return None
