"""The people who use a submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbook.grading.verdicts import NotReached

if TYPE_CHECKING:
    from workbook.grading.api import Api


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
