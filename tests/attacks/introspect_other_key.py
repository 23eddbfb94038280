"""Mallory signs a token for Bob with a key of her own, or with one that people often leave in.

It works where a server does not check the signature, or also takes an empty or well-known key.
"""

import time

from workbook.attacking import Api, attack, forge, reach

KEYS = ("a key of Mallory's own, long enough for HS256", "", "secret", "changeme")


@attack(
    "Sign a token for Bob with a key of one's own",
    route="POST /introspect",
    closes=3,
    see="RFC 7515 §5.2",
    catches="VF-01 VF-05",
)
def sign_with_another_key(api: Api) -> str | None:
    mallory, bob = api.mallory, api.bob
    for key in KEYS:
        claims = {"sub": bob.id, "exp": int(time.time()) + 600}
        forged = forge.forge(mallory.token, key, claims)
        seen = reach(
            api.post("/introspect", token=mallory.token, form={"token": forged}, caller="mallory")
        )
        told = seen.json if isinstance(seen.json, dict) else {}
        if told.get("active") is True and told.get("sub") == bob.id:
            return f"a token signed with {key!r} that the server takes for Bob's"
    return None
