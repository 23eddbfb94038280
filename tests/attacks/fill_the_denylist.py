"""Mallory logs in and out, day after day, and the list of revoked tokens gets longer and longer.

It works where entries stay after their tokens have ended. Then the list needs more room each day,
and each request takes longer to look into it. Here her logouts of last week stand in it already.
"""

import secrets
import time

from workbook.attacking import Api, attack, reach

LOGOUTS = 25
WEEK = 7 * 24 * 3600


@attack(
    "Fill the list of revoked tokens for ever",
    route="POST /logout",
    closes=11,
    see="CWE-770",
    catches="RV-04",
)
def fill_the_denylist(api: Api) -> str | None:
    mallory = api.mallory
    reach(api.post("/logout", token=mallory.token, caller=mallory.username))
    for _ in range(LOGOUTS):
        ended = int(time.time()) - WEEK
        entry = (secrets.token_hex(16), ended)
        api.stored.change("INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, ?)", *entry)
    api.post("/logout", token=mallory.new_token(), caller=mallory.username)
    api.restart()
    over = api.stored.rows(
        "SELECT COUNT(*) AS entries FROM revoked_tokens WHERE expires_at < ?", int(time.time())
    )[0]["entries"]
    return f"{over} entries that no one needs, and tomorrow as many more" if over else None
