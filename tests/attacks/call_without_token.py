"""Mallory asks for Alice's profile and sends no token at all.

It works wherever a route answers whoever calls: nobody asks her who she is.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Read a profile without a token",
    route="GET /profile",
    closes=5,
    see="RFC 6750 §3.1",
    catches="TR-01 CU-10",
)
def call_without_token(api: Api) -> str | None:
    seen = api.get("/profile", params={"username": "alice"}, caller="mallory")
    if seen.status == 404:  # nobody is there yet: Alice registers first
        alice = api.alice
        seen = reach(api.get("/profile", params={"username": alice.username}, caller="mallory"))
    return "Alice's profile, for a request without a token" if seen.status == 200 else None
