"""Alice's app hands its token back. Mallory has a copy of it, from the app's log.

It works where the server has no way to take back a single token that it is shown.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Use a token that its app has handed back",
    route="POST /revoke",
    closes=11,
    see="RFC 7009 §2.1",
    catches="RV-01",
)
def replay_after_revoke(api: Api) -> str | None:
    copied = api.alice.token
    reach(api.post("/revoke", form={"token": copied}, caller=api.alice.username))
    seen = api.get("/profile", token=copied, caller="mallory")
    return "Alice's profile, with a token that was revoked" if seen.status == 200 else None
