"""Mallory's account has been deleted, but her token is still in her pocket.

It works where the server believes a good signature and never looks whether its user is still there.
"""

from workbook.attacking import Api, NoSuchRoute, attack


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
    api.stored.remove(mallory.username)
    seen = api.get("/profile", token=token, params=address, caller=mallory.username)
    return "a profile, although her account is gone" if seen.status == 200 else None
