"""Mallory looks stolen values up in a table that she made once from the most common passwords.

It works for plain text and for fast hashes without a salt, such as MD5 or SHA-256: one table,
made in a second, breaks the hashes of all users of all services.
"""

import hashlib

from workbook.attacking import Api, attack, reach

COMMON = ("password1", "iloveyou", "sunshine", "football", "princess", "baseball", "trustno1")
FAST = ("md5", "sha1", "sha256", "sha512")


@attack(
    "Find common passwords in a stolen user file with one table for all",
    route="POST /login",
    closes=2,
    see="CWE-916, CWE-759",
    catches="PW-01 PW-02",
)
def look_up_stolen_hashes(api: Api) -> str | None:
    """Look up everything stolen, then log in with what was found."""
    victim = api.new_person("alice")
    victim.password = "sunshine"
    reach(api.post("/register", json=victim.registration, caller=victim.username))
    stolen = b"\n".join(api.stored.files().values())
    for guess in COMMON:
        if not any(form in stolen for form in _forms(guess)):
            continue
        credentials = {"username": victim.username, "password": guess}
        if api.post("/login", json=credentials, caller="mallory").status == 200:
            return f"Alice's password, {guess}, out of a table of {len(COMMON)}"
    return None


def _forms(password: str) -> list[bytes]:
    """Return the ways in which a password stands in the table."""
    raw = password.encode()
    return [raw, *(hashlib.new(name, raw).hexdigest().encode() for name in FAST)]
