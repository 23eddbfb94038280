"""Mallory has a copy of what the service stores, and types each stored password in at the login.

It works when passwords are kept as they were typed: one backup that got lost opens every account.
"""

import json
import sqlite3
from contextlib import closing

from workbook.attacking import Api, attack


@attack(
    "Log in as everybody with the passwords in a stolen user file",
    route="POST /login",
    closes=2,
    see="CWE-256",
    catches="PW-01",
)
def steal_the_user_file(api: Api) -> str | None:
    """Log in with what is stored of each victim's password."""
    victims = [api.register(name).username for name in ("alice", "bob")]
    stolen = {name: secret for name, secret in _copied(api).items() if name in victims}
    opened = []
    for name, secret in stolen.items():
        seen = api.post("/login", json={"username": name, "password": secret}, caller="mallory")
        if seen.status == 200:
            opened.append(f"{name.capitalize()} with {secret}")
    return f"the accounts of {' and '.join(opened)}" if opened else None


def _copied(api: Api) -> dict[str, str]:
    """Return what is stored of each password, by user name: from the file, later the database."""
    if "users.json" in api.stored.files():
        accounts = json.loads(api.stored.files()["users.json"])
        return {name: str(account["password_hash"]) for name, account in accounts.items()}
    with closing(sqlite3.connect(f"file:{api.data_dir / 'app.db'}?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT username, password_hash FROM users"))
