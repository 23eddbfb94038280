"""The cast who speak to the lesson that is live."""

from __future__ import annotations

from typing import Any

from workbook.notebook import stage
from workbook.notebook.cards import Card
from workbook.talking.exchange import request


class Caller:
    """One of the cast: sends requests to the lesson that is live, under her or his name."""

    def __init__(self, name: str, full_name: str, password: str) -> None:
        self.username = name
        self.full_name = full_name
        self.email = f"{name}@example.com"
        self.password = password
        self.token = ""

    @property
    def credentials(self) -> dict[str, str]:
        """Name and password, as a login wants them."""
        return {"username": self.username, "password": self.password}

    @property
    def registration(self) -> dict[str, str]:
        """The body that opens an account."""
        return {"email": self.email, "full_name": self.full_name, **self.credentials}

    def call(self, method: str, path: str, **sent: Any) -> Card:
        """Send one request; it may carry params, json, form, body, headers and token."""
        return Card(stage.running().send(method, path, self.username, sent))

    def at_once(self, times: int, method: str, path: str, **sent: Any) -> list[Card]:
        """Send one request several times at one moment, each on a connection of its own."""
        asked = request(method, path, **sent)
        seen = stage.running().send_at_once(asked, self.username, times)
        return [Card(one) for one in seen]

    def get(self, path: str, **sent: Any) -> Card:
        """Send a GET request."""
        return self.call("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> Card:
        """Send a POST request."""
        return self.call("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> Card:
        """Send a PUT request."""
        return self.call("PUT", path, **sent)

    def delete(self, path: str, **sent: Any) -> Card:
        """Send a DELETE request."""
        return self.call("DELETE", path, **sent)

    def sign_up(self) -> Card:
        """Open an account: POST /register."""
        return self.post("/register", json=self.registration)

    def sign_in(self) -> Card:
        """Log in: POST /login. The access token, if one comes, is kept in `token`."""
        card = self.post("/login", json=self.credentials)
        body = card.json
        self.token = str(body.get("access_token", "")) if isinstance(body, dict) else ""
        return card


alice = Caller("alice", "Alice Amsel", "violin-in-winter")
bob = Caller("bob", "Bob Brandt", "seven-green-kites")
mallory = Caller("mallory", "Mallory Moor", "i-read-your-mail")
olga = Caller("olga", "Olga Orlow", "keeper-of-the-keys")
