"""The admin has disabled Mallory's account; she goes on with the token that she has.

It works where a disabled account is noticed at the login alone.
"""

from workbook.attacking import Api, NoSuchRoute, attack


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
    api.stored.disable(mallory.username)
    seen = api.get("/profile", token=token, params=address, caller=mallory.username)
    return "a profile, although her account is disabled" if seen.status == 200 else None
