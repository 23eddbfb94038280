"""Mallory times refusals: where a name is unknown, the answer comes before any hash is checked.

It opens as soon as passwords are hashed slowly, and closes when a hash that belongs to nobody is
checked for unknown names. It depends on a clock, so it is judged by medians, outside the matrix.
"""

from statistics import median
from time import perf_counter

from workbook.attacking import Api, attack

PAIRS = 4


@attack(
    "Learn from the login's time which names exist",
    route="POST /login",
    closes=2,
    see="CWE-208",
    catches="PW-12",
    gate=False,
)
def names_by_login_time(api: Api) -> str | None:
    """Compare the times of a real name and of an unknown one, in turn."""
    with api.another(PASSWORD_ROUNDS="10") as slow:  # at the checks' cost of 4 all is quick
        names = {"real": slow.alice.username, "unknown": "nobody-has-this-name"}
        took: dict[str, list[float]] = {kind: [] for kind in names}
        for _ in range(PAIRS):
            for kind, name in names.items():
                credentials = {"username": name, "password": "a-wrong-guess"}
                started = perf_counter()
                slow.post("/login", json=credentials, caller="mallory")
                took[kind].append(perf_counter() - started)
        api.exchanges += slow.exchanges
    real, unknown = median(took["real"]), median(took["unknown"])
    if unknown > real / 3:
        return None
    return f"Alice has an account: {real * 1000:.0f} ms, {unknown * 1000:.0f} ms for nobody"
