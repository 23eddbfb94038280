"""Mallory tries a list of names with a wrong password and reads the refusals.

It works because the login tells an unknown name from a wrong password: what is left of her list
are real accounts, worth a thousand guesses or a false mail.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Learn from the login's refusals which names exist",
    route="POST /login",
    closes=2,
    see="CWE-204",
    catches="PW-11",
)
def names_by_login_message(api: Api) -> str | None:
    """Compare the refusals for real names with the refusal for one that nobody has."""
    real = [api.alice.username, api.bob.username]

    def refusal(name: str) -> tuple[int, str]:
        credentials = {"username": name, "password": "a-wrong-guess"}
        seen = api.post("/login", json=credentials, caller="mallory")
        return seen.status, seen.text.replace(name, "…")

    unknown = refusal("nobody-has-this-name")
    reach(api.post("/login", json=api.alice.credentials | {"password": "a-wrong-guess"}))
    told = [name for name in real if refusal(name) != unknown]
    return f"names that exist: {', '.join(told)}" if told else None
