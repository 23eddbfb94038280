"""The admin has disabled Mallory's account; she goes on with the token that she has.

It works where a disabled account is noticed at the login alone.
"""

import sqlite3
from contextlib import closing

from workbook.attacking import Api, NoSuchRoute, Person, attack


@attack(
    "Stay signed in after the account is disabled",
    route="GET /profile",
    closes=6,
    see="OWASP ASVS 5.0 V7.4.2",
    catches="CU-02",
)
def disabled_users_token(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice, mallory = api.alice, api.mallory
    token = mallory.token
    address = {"username": alice.username}
    api.get("/profile", token=token, params=address, caller=mallory.username)  # still hers
    _disable(api, mallory)
    seen = api.get("/profile", token=token, params=address, caller=mallory.username)
    return "a profile, although her account is disabled" if seen.status == 200 else None


def _disable(api: Api, person: Person) -> None:
    """Disable the account where it is stored: users.json, from lesson 7 on a database."""
    database = api.data_dir / "app.db"
    if not database.exists():
        users = api.users()
        users.get(person.username, {})["disabled"] = True
        api.store_users(users)
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE users SET disabled = 1 WHERE username = ?", (person.username,))
