"""The people who use a submission."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbook.grading.verdicts import NotReached

if TYPE_CHECKING:
    from workbook.grading.api import Api


FIRST_NAMES = ("dana", "erik", "fola", "gita", "hugo", "ines", "jana", "kofi", "lena", "miro")
"""What people are called in a run with a seed, whatever their part is."""


@dataclass(frozen=True)
class Names:
    """What the cast is called: by their parts, or, with a seed, so that no name tells a part."""

    seed: str

    def user_name(self, part: str) -> str:
        """Return the user name of somebody of the cast."""
        if not self.seed:
            return part
        first = FIRST_NAMES[int(self._letters(part, 1), 36) % len(FIRST_NAMES)]
        return first + self._letters(part)

    def full_name(self, part: str) -> str:
        """Return their first and last name."""
        first = self.user_name(part)[: 4 if self.seed else None]
        last = self._letters(f"{part} surname") or "example"
        return f"{first.capitalize()} {last.capitalize()}"

    def password(self, username: str) -> str:
        """Return a password that is strong, and of nobody else's."""
        digest = hashlib.sha256(f"{self.seed}/{username}/password".encode()).hexdigest()
        return f"{digest[:6]}-Kite-{digest[6:10]}"

    def _letters(self, name: str, many: int = 5) -> str:
        if not self.seed:
            return ""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).hexdigest()
        return "".join("bcdfghjklm"[int(letter, 16) % 10] for letter in digest[:many])


@dataclass
class Person:
    """Somebody who uses the API. Whoever is registered has an `id`."""

    api: Api
    username: str
    password: str
    email: str
    full_name: str
    id: str = ""
    _token: str = ""

    @property
    def registration(self) -> dict[str, str]:
        """The body that registers them."""
        names = ("username", "email", "full_name", "password")
        return {name: getattr(self, name) for name in names}

    @property
    def credentials(self) -> dict[str, str]:
        """Name and password, as a login wants them."""
        return {"username": self.username, "password": self.password}

    @property
    def token(self) -> str:
        """An access token from `POST /login`, asked for once and then kept.

        Raises NotReached when no token can be had: a check of its own says why.
        """
        if not self._token:
            self._token = self.new_token()
        return self._token

    def new_token(self) -> str:
        """Log in once more and return that token. Raises NotReached."""
        seen = self.api.post("/login", json=self.credentials, caller=self.username)
        body = seen.json
        token = body.get("access_token") if seen.status == 200 and isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise NotReached(f"POST /login gave no access_token (it answered {seen.status})")
        return token
