"""Mallory reads what the API says of herself, and finds the hash of her password.

It works where a row of the database goes out as it is. Whoever gets hold of such an answer, in a
log or a cache, guesses the password at home.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Read a password hash in one's own account",
    route="GET /users/me",
    closes=7,
    see="OWASP API3:2023",
    catches="CU-14",
)
def row_returned_whole(api: Api) -> str | None:
    reach(api.get("/users/me", caller="mallory"))
    mallory = api.mallory
    if not api.stored.in_database:
        raise NoSuchRoute("a row of a database")
    seen = api.get("/users/me", token=mallory.token, caller=mallory.username)
    (row,) = api.stored.rows("SELECT * FROM users WHERE username = ?", mallory.username)
    return "the hash of a password" if row["password_hash"] in seen.text else None
