"""Mallory finds an address with Alice's token in it, in a log or a browser's history.

It opens the profile for her wherever a route also takes a token from the address, or from nowhere.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Use a token found in a logged address",
    route="GET /profile",
    closes=5,
    see="RFC 6750 §2.3",
    catches="TR-08",
)
def token_in_the_url(api: Api) -> str | None:
    alice = api.alice
    for name in ("access_token", "token"):
        found = {"username": alice.username, name: alice.token}
        seen = reach(api.get("/profile", params=found, caller="mallory"))
        if seen.status == 200:
            return "Alice's profile, with an address out of a log"
    return None
