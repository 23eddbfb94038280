"""Alice logs out at one process of the service. Mallory's request goes to another one.

It works where each process keeps a list of its own: the second has not heard of the logout.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Use a logged-out token at the second worker",
    route="POST /logout",
    closes=11,
    see="OWASP ASVS 5.0 V7.4.1",
    catches="RV-02",
)
def replay_at_the_second_worker(api: Api) -> str | None:
    copied = api.alice.token
    reach(api.post("/logout", token=copied, caller=api.alice.username))
    worker = api.worker()
    seen = worker.get("/profile", token=copied, caller="mallory")
    api.exchanges += worker.exchanges
    return "Alice's profile, from a worker that knows no logout" if seen.status == 200 else None
