"""Mallory uses a token today that says it is issued tomorrow.

It comes from a machine whose clock is wrong, or from a stolen one whose clock she set. Such tokens
can be made in stock, and each works from now on. It works where nobody looks at `iat`.
"""

import time

from workbook.attacking import Api, NoSuchRoute, attack
from workbook.talking import forge

DAY = 86400


@attack(
    "Use a token that is issued tomorrow",
    route="GET /profile",
    closes=7,
    see="RFC 7519 §4.1.6",
    catches="VF-12",
)
def issued_in_the_future(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    mallory, tomorrow = api.mallory, int(time.time()) + DAY
    times = {"iat": tomorrow, "exp": tomorrow + 900}
    early = forge.forge(mallory.token, api.secret_key, times)
    address = {"username": mallory.username}
    seen = api.get("/profile", token=early, params=address, caller=mallory.username)
    return "a profile, a day before the token exists" if seen.status == 200 else None
