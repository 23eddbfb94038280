"""Mallory writes the word `Bearer` into the header, and no token behind it.

A route that looks for the word alone, or passes on an empty text, takes this for a caller.
"""

from workbook.attacking import Api, attack, reach

NO_TOKEN = {"Authorization": "Bearer"}


@attack(
    "Read a profile with an empty token",
    route="GET /profile",
    closes=5,
    see="RFC 6750 §2.1",
    catches="TR-04",
)
def empty_token(api: Api) -> str | None:
    seen = api.get("/profile", params={"username": "alice"}, headers=NO_TOKEN, caller="mallory")
    if seen.status == 404:  # nobody is there yet: Alice registers first
        victim = {"username": api.alice.username}
        seen = reach(api.get("/profile", params=victim, headers=NO_TOKEN, caller="mallory"))
    return "Alice's profile, for the word Bearer alone" if seen.status == 200 else None
