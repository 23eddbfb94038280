"""Mallory reads a token out of a copy that a cache kept.

She uses the browser, or the careless proxy, that Alice logged in through. It keeps every answer
that does not forbid it, and a token answer looks like any other.
"""

from workbook.attacking import Api, attack, reach
from workbook.talking.exchange import Exchange


@attack(
    "Take a token out of a cache",
    route="POST /token",
    closes=4,
    see="RFC 6749 §5.1",
    catches="TR-10",
)
def token_in_a_cache(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    seen = reach(api.post("/token", form=form, caller=alice.username))
    if not kept(seen):
        seen = api.post("/login", json=alice.credentials, caller=alice.username)
    if kept(seen) and isinstance(seen.json, dict) and "access_token" in seen.json:
        token = str(seen.json["access_token"])
        return f"the token that Alice got from {seen.request.path}: {token[:12]}…"
    return None


def kept(seen: Exchange) -> bool:
    """Whether a cache may keep a copy of this answer (RFC 9111 §5.2.2.5)."""
    orders = [value for name, value in seen.answer.headers if name.lower() == "cache-control"]
    return seen.status == 200 and "no-store" not in ",".join(orders).lower()
