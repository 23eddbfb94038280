"""Mallory reads along while Alice's mail program sends a mistyped password again and again.

An OAuth2 client looks for one word in a refusal, `invalid_grant`. Where it is missing, the program
takes the refusal for a fault of the server and tries once more, with the password, each time.
"""

from workbook.attacking import Api, attack, reach

TRIES = 3


@attack(
    "Make a client repeat a password, as it cannot read the refusal",
    route="POST /token",
    closes=4,
    see="RFC 6749 §5.2",
    catches="TR-11",
)
def unreadable_oauth_error(api: Api) -> str | None:
    alice = api.alice
    mistyped = alice.password[:-1]
    form = {"grant_type": "password", "username": alice.username, "password": mistyped}
    for _ in range(TRIES):
        seen = reach(api.post("/token", form=form, caller=alice.username))
        readable = isinstance(seen.json, dict) and seen.json.get("error") == "invalid_grant"
        if seen.status in (400, 401) and readable:
            return None
    return f"all but one letter of Alice's password, sent {TRIES} times: {mistyped}"
