"""Mallory closes her account, keeps her token and waits for the next newcomer.

It works where ids are counted: the newcomer gets the number that has become free, and Mallory's
token still names it.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Inherit the account of the next newcomer",
    route="DELETE /users/me",
    closes=7,
    see="CWE-672",
    catches="MT-06",
)
def inherited_id(api: Api) -> str | None:
    reach(api.delete("/users/me", caller="mallory"))
    mallory = api.mallory
    token = mallory.token
    if api.delete("/users/me", token=token, caller=mallory.username).status == 501:
        api.stored.remove(mallory.username)  # not written yet: Olga does it for her
    newcomer = api.register("carol")
    seen = api.get("/profile", token=token, caller=mallory.username)
    return "the profile of Carol, who came later" if newcomer.username in seen.text else None
