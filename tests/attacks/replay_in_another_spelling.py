"""Alice logs out. Mallory writes a `=` behind her copy of the token, and it is another text.

It works where the list holds the texts of tokens: a lenient reader of base64 takes both spellings.
"""

from workbook.attacking import Api, attack, forge, reach


@attack(
    "Use a logged-out token with one `=` appended",
    route="POST /logout",
    closes=11,
    see="OWASP JSON Web Token Cheat Sheet",
    catches="RV-03 VF-28",
)
def replay_in_another_spelling(api: Api) -> str | None:
    copied = api.alice.token
    reach(api.post("/logout", token=copied, caller=api.alice.username))
    for spelled in forge.respelled(copied):
        seen = api.get("/profile", token=spelled, caller="mallory")
        if seen.status == 200:
            return f"Alice's profile, with a token that ends in “{spelled[-3:]}”"
    return None
