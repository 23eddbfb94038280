"""Mallory sends her token, but not as `Bearer`.

A watchdog in front that reads Bearer tokens does not see it; a route that ignores the scheme takes
it all the same.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Slip a token in under another scheme",
    route="GET /profile",
    closes=5,
    see="RFC 6750 §2.1",
    catches="TR-02",
)
def another_scheme(api: Api) -> str | None:
    mallory, address = api.mallory, {"username": api.alice.username}
    token = mallory.token
    disguises = {
        "under the scheme Basic": f"Basic {token}",
        "under the scheme Token": f"Token {token}",
        "without any scheme": token,
        "without a space behind Bearer": f"Bearer{token}",
    }
    for how, disguise in disguises.items():
        sent = {"Authorization": disguise}
        seen = reach(api.get("/profile", params=address, headers=sent, caller=mallory.username))
        if seen.status == 200:
            return f"Alice's profile, for a token sent {how}"
    return None
