"""Alice logs out. Mallory keeps a copy of the token until the server is started anew.

It works where the list of revoked tokens lies in the memory of a process: a restart empties it.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Use a logged-out token after a restart of the server",
    route="POST /logout",
    closes=11,
    see="OWASP ASVS 5.0 V7.4.1",
    catches="RV-02",
)
def replay_after_a_restart(api: Api) -> str | None:
    copied = api.alice.token
    reach(api.post("/logout", token=copied, caller=api.alice.username))
    api.restart()
    seen = api.get("/profile", token=copied, caller="mallory")
    return "Alice's profile, as the server has forgotten her logout" if seen.status == 200 else None
