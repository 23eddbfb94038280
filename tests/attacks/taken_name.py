"""Mallory asks for a name that Alice has, and nobody can use the service any more.

It works where the refusal of the database is no case that anybody thought of: the request ends in
the middle of its transaction, and all later ones stand behind it.
"""

from workbook.attacking import Api, NoSuchRoute, attack


@attack(
    "Stop the service by asking for a taken name",
    route="POST /register",
    closes=7,
    see="CWE-755",
    catches="PW-16",
)
def taken_name(api: Api) -> str | None:
    alice = api.alice
    if not api.stored.in_database:
        raise NoSuchRoute("a database")
    token = alice.token
    api.post("/register", json=alice.registration, caller="mallory")
    seen = api.get("/profile", token=token, caller=alice.username)
    return "a service that answers Alice with 500" if seen.status >= 500 else None
