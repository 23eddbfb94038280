"""Alice's phone is stolen. She logs out everywhere, and Mallory goes on with the phone's token.

It works where the server ends the session that asks, or none: a list of names cannot end tokens
that nobody has at hand.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Stay signed in after a logout everywhere",
    route="POST /logout-everywhere",
    closes=11,
    see="OWASP ASVS 5.0 V7.4.3",
    catches="RV-07",
)
def replay_after_logout_everywhere(api: Api) -> str | None:
    alice = api.alice
    stolen = alice.token
    reach(api.post("/logout-everywhere", token=alice.new_token(), caller=alice.username))
    seen = api.get("/profile", token=stolen, caller="mallory")
    return "Alice's profile, after she has logged out everywhere" if seen.status == 200 else None
