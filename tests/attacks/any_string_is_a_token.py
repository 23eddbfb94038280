"""Mallory has no account: she writes any words she likes where a token is due.

It works where the route looks whether a token was sent, and never whether it is one.
"""

from workbook.attacking import Api, NoSuchRoute, attack

WORDS = ("any-string", "let-me-in", "null")


@attack(
    "Get in with any string for a token",
    route="GET /profile",
    closes=6,
    see="RFC 6750 §3.1",
    catches="VF-35",
)
def any_string_is_a_token(api: Api) -> str | None:
    if api.get("/profile", caller="mallory").status != 401:
        raise NoSuchRoute("a /profile that asks for a token")
    alice = api.alice
    for word in WORDS:
        address = {"username": alice.username}
        seen = api.get("/profile", token=word, params=address, caller="mallory")
        if seen.status == 200:
            whose = "Alice's profile" if alice.username in seen.text else "a stranger's profile"
            return f"{whose}, for the token “{word}”"
    return None
