"""Reading what strangers send, by hand."""

import json
import string

PLAIN = set(string.ascii_letters + string.digits + "_-")


class BadForm(Exception):
    """Some fields are wrong; `faults` says which and why."""

    def __init__(self, faults: dict[str, str], place: str = "body") -> None:
        super().__init__(", ".join(faults))
        self.faults, self.place = faults, place


def registration_form(body: bytes) -> dict[str, str]:
    """Read a registration. Raises BadForm."""
    form = _texts(body, "username", "email", "full_name", "password")
    faults = {}
    if not 3 <= len(form["username"]) <= 32 or not set(form["username"]) <= PLAIN:
        faults["username"] = "3 to 32 of a-z, A-Z, 0-9, _ and -"
    before, _, behind = form["email"].partition("@")
    usual = form["email"].isprintable() and " " not in form["email"]
    if not (before and "." in behind.strip(".") and "@" not in behind and usual):
        faults["email"] = "not an address"
    if len(form["email"]) > 254:
        faults["email"] = "too long"
    if not 1 <= len(form["full_name"]) <= 100 or not form["full_name"].isprintable():
        faults["full_name"] = "1 to 100 characters that can be printed"
    size = len(form["password"].encode("utf-8", "surrogatepass"))
    halves = any("\ud800" <= letter <= "\udfff" for letter in form["password"])
    if len(form["password"]) < 8 or size > 72 or halves or "\0" in form["password"]:
        faults["password"] = "at least 8 characters, at most 72 bytes"
    if faults:
        raise BadForm(faults)
    return form


def login_form(body: bytes) -> dict[str, str]:
    """Read name and password. Raises BadForm."""
    return _texts(body, "username", "password")


def _texts(body: bytes, *names: str) -> dict[str, str]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise BadForm({"": "not JSON"}) from None
    if not isinstance(sent, dict):
        raise BadForm({"": "not an object"})
    faults = {name: "text is due" for name in names if not isinstance(sent.get(name), str)}
    if faults:
        raise BadForm(faults)
    return {name: sent[name] for name in names}
