"""Who has an account: users.json, locked while it changes."""

import contextlib
import json
import os
import threading
import uuid

from passlib.hash import bcrypt_sha256

from .settings import DATA_DIR, PASSWORD_ROUNDS

hashing = bcrypt_sha256.using(rounds=PASSWORD_ROUNDS)
STRANGER = hashing.hash(uuid.uuid4().hex)
changing = threading.Lock()


def everybody() -> dict[str, dict]:
    """Read the file."""
    with contextlib.suppress(FileNotFoundError), open(DATA_DIR / "users.json") as file:
        return json.load(file)
    return {}


def by_name(name: str) -> dict | None:
    """Find somebody by exactly this name."""
    return everybody().get(name)


def own_view(person: dict) -> dict[str, str]:
    """Return what a person may know of the own account."""
    return {key: person[key] for key in ("id", "username", "email", "full_name")}


def join(username: str, email: str, full_name: str, password: str) -> dict | None:
    """Add somebody, or return None when the name is taken."""
    person = {
        "id": str(uuid.uuid4()),
        "username": username,
        "email": email,
        "full_name": full_name,
        "password_hash": hashing.hash(password),
        "disabled": False,
    }
    with changing:
        people = everybody()
        if username.lower() in {name.lower() for name in people}:
            return None
        people[username] = person
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        with open(DATA_DIR / "users.json.new", "w") as file:
            json.dump(people, file)
        os.replace(DATA_DIR / "users.json.new", DATA_DIR / "users.json")
    return person


def recognised(name: str, password: str) -> dict | None:
    """Return the person whose password this is."""
    person = by_name(name)
    stored = person["password_hash"] if person else STRANGER
    try:
        right = hashing.verify(password, stored)
    except ValueError:
        right = False
    if not person or person["disabled"] or not right:
        return None
    return person
