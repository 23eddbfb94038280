"""Mallory sets `alg` to `none` in the header of a token and leaves the signature out.

It works where the header, which she writes herself, decides whether a signature is checked.
"""

import time

from workbook.attacking import Api, attack, forge, reach

SPELLINGS = ("none", "None", "NONE", "nOnE")


@attack(
    "Switch the signature off with alg: none",
    route="POST /introspect",
    closes=3,
    see="RFC 8725 §3.1",
    catches="VF-02 VF-03",
)
def leave_signature_out(api: Api) -> str | None:
    mallory, bob = api.mallory, api.bob
    for spelling in SPELLINGS:
        forged = forge.unsigned(mallory.token, spelling, sub=bob.id, exp=int(time.time()) + 600)
        seen = reach(
            api.post("/introspect", token=mallory.token, form={"token": forged}, caller="mallory")
        )
        told = seen.json if isinstance(seen.json, dict) else {}
        if told.get("active") is True and told.get("sub") == bob.id:
            return "a token without a signature that the server takes for Bob's"
    return None
