"""Alice lets Mallory's calendar app read her notes. At the refresh it asks for writing, too.

It works where a refresh grants what is asked for, as a login does, and forgets what was given.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach


@attack(
    "Ask for more scopes at a refresh",
    route="POST /token",
    closes=12,
    see="RFC 6749 §6",
    catches="SC-10",
)
def wider_scope_at_refresh(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", "scope": "notes:read", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if "refresh_token" not in (seen.json or {}):
        raise NoSuchRoute("a refresh token in the token answer")
    form = {"grant_type": "refresh_token", "scope": "notes:read notes:write"}
    form["refresh_token"] = seen.json["refresh_token"]
    seen = api.post("/token", form=form, caller="mallory")
    if seen.status != 200:
        return None
    note = {"title": "From Mallory", "body": "I was only asked to read"}
    seen = api.post("/notes", token=seen.json["access_token"], json=note, caller="mallory")
    return "a note written with a login for reading" if seen.status == 201 else None
