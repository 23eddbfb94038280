"""Two admins quarrel: each takes the role from the other, at one moment.

It works where the admins are counted first and changed later: each still sees the other. It hangs
on chance, so it is tried again and again, outside the matrix.
"""

from workbook.attacking import Api, attack, reach
from workbook.talking.exchange import request

ROUNDS = 12
GIVEN = "INSERT INTO user_roles (user_id, role) VALUES (?, ?)"
LEFT = "SELECT user_id FROM user_roles WHERE role = ?"


@attack(
    "Let two admins dismiss each other at once",
    route="PUT /users/{id}/roles",
    closes=9,
    see="CWE-367",
    catches="AZ-17",
    gate=False,
)
def admins_dismiss_each_other(api: Api) -> str | None:
    """Make two admins, let each demote the other, and count who is left."""
    pair = (api.alice, api.bob)
    api.stored.change("DELETE FROM user_roles")
    for number in range(1, ROUNDS + 1):
        have = {row["user_id"] for row in api.stored.rows(LEFT, "admin")}
        for person in pair:
            if person.id not in have:
                api.stored.change(GIVEN, person.id, "admin")
        requests = [
            request("PUT", f"/users/{other.id}/roles", token=one.token, json={"roles": []})
            for one, other in (pair, pair[::-1])
        ]
        for seen in api.at_once(*requests):
            reach(seen)
        if not api.stored.rows(LEFT, "admin"):
            return f"a service without an admin, in round {number}"
    return None
