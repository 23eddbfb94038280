"""Mallory writes Alice's id into a token and signs it with a key of her own.

It works where the server reads what a token says and never looks at the signature.
"""

from workbook.attacking import Api, NoSuchRoute, attack, forge

KEY = "a-key-that-mallory-made-up-for-herself"


@attack(
    "Be Alice with a token signed by another key",
    route="GET /profile",
    closes=6,
    see="RFC 7519 §7.2",
    catches="VF-01 VF-07",
)
def forged_by_another_key(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice, mallory = api.alice, api.mallory
    forged = forge.forge(mallory.token, KEY, {"sub": alice.id})
    address = {"username": alice.username}
    seen = api.get("/profile", token=forged, params=address, caller=mallory.username)
    if seen.status == 200 and alice.username in seen.text:
        return "Alice's profile, with a token that Mallory signed herself"
    return None
