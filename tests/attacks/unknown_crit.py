"""Mallory has a ticket for one use, and uses it as an ordinary token.

Its header says `crit`: who does not know the extension `once` must refuse the token. It works
where the library reads past that. The service signed the ticket, so the signature is good.
"""

from workbook.attacking import Api, NoSuchRoute, attack
from workbook.talking import forge


@attack(
    "Use a token whose rules the server does not know",
    route="GET /profile",
    closes=7,
    see="RFC 7515 §4.1.11",
    catches="VF-24",
)
def unknown_crit(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    mallory = api.mallory
    rules = {"crit": ["once"], "once": True}
    ticket = forge.forge(mallory.token, api.secret_key, None, rules)
    address = {"username": mallory.username}
    seen = api.get("/profile", token=ticket, params=address, caller=mallory.username)
    return "a profile, for a ticket that is valid once" if seen.status == 200 else None
