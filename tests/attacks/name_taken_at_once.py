"""Mallory sends eight registrations of one name, so that all arrive at one moment.

It works where the app looks whether a name is free and then writes: all eight looks come first.
She gets two accounts of one name, or a service that crashes.
"""

from workbook.attacking import Api, NoSuchRoute, attack
from workbook.talking.exchange import request

ROUNDS = 2


@attack(
    "Register one name eight times at one moment",
    route="POST /register",
    closes=7,
    see="CWE-367",
    catches="PW-16r",
    gate=False,
)
def name_taken_at_once(api: Api) -> str | None:
    if not (api.alice.id and api.stored.in_database):
        raise NoSuchRoute("a database")
    for _ in range(ROUNDS):
        crowd = request("POST", "/register", json=api.new_person("crowd").registration)
        statuses = sorted(one.status for one in api.at_once(*[crowd] * 8))
        if statuses.count(201) > 1:
            return f"{statuses.count(201)} accounts of one name"
        if statuses[-1] >= 500:
            return "a service that crashes"
    return None
