"""Alice gives a program that shows her notes a token for reading. Mallory gets hold of it.

It works where every token of a user may do to the account what the user may.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Close Alice's account with a token that is for reading notes",
    route="DELETE /users/me",
    closes=10,
    see="RFC 6749 §3.3",
    catches="SC-12",
)
def reader_closes_the_account(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", "scope": "notes:read", **alice.credentials}
    answer = reach(api.post("/token", form=form, caller=alice.username)).json
    if not isinstance(answer, dict) or "notes:read" not in str(answer.get("scope")):
        raise NoSuchRoute("a token that is for reading alone")
    reach(api.delete("/users/me", token=answer["access_token"], caller="mallory"))
    seen = api.post("/login", json=alice.credentials, caller=alice.username)
    return "Alice's account and all her notes: they are gone" if seen.status == 401 else None
