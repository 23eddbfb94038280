"""Mallory's account has been deleted, but her token is still in her pocket.

It works where the server believes a good signature and never looks whether its user is still there.
"""

import sqlite3
from contextlib import closing

from workbook.attacking import Api, NoSuchRoute, Person, attack


@attack(
    "Stay signed in after the account is deleted",
    route="GET /profile",
    closes=6,
    see="RFC 8725 §3.8",
    catches="CU-01 VF-16",
)
def deleted_users_token(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice, mallory = api.alice, api.mallory
    token = mallory.token
    address = {"username": alice.username}
    api.get("/profile", token=token, params=address, caller=mallory.username)  # still hers
    _delete(api, mallory)
    seen = api.get("/profile", token=token, params=address, caller=mallory.username)
    return "a profile, although her account is gone" if seen.status == 200 else None


def _delete(api: Api, person: Person) -> None:
    """Delete the account where it is stored: users.json, from lesson 7 on a database."""
    database = api.data_dir / "app.db"
    if not database.exists():
        users = api.users()
        users.pop(person.username, None)
        api.store_users(users)
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM users WHERE username = ?", (person.username,))
