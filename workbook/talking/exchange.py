"""One request and its answer, kept so that it can be shown, replayed and judged."""

from __future__ import annotations

import json as jsonlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Request:
    """What a caller sent."""

    method: str
    path: str  # with its query
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, whatever its case, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        """The body as text, with a mark where it is no UTF-8."""
        return self.body.decode("utf-8", "replace")


def request(
    method: str,
    path: str,
    *,
    token: str | None = None,
    params: Mapping[str, str] | None = None,
    json: Any = None,
    form: Mapping[str, str] | list[tuple[str, str]] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
) -> Request:
    """Return a request.

    `token` goes into `Authorization: Bearer …`; `json`, `form` (URL-encoded) or raw `body`
    with headers of your own make the body. Headers are sent as they are, byte for byte.
    """
    sent = list(headers.items() if isinstance(headers, Mapping) else headers or ())
    if token is not None:
        sent.append(("Authorization", f"Bearer {token}"))
    if json is not None:
        body = jsonlib.dumps(json).encode()
        sent.append(("Content-Type", "application/json"))
    elif form is not None:
        body = urlencode(form, errors="surrogatepass").encode()
        sent.append(("Content-Type", "application/x-www-form-urlencoded"))
    if params:
        path += "?" + urlencode(params, errors="surrogatepass")
    return Request(method, path, tuple(sent), body or b"")


@dataclass(frozen=True)
class Answer:
    """What came back: status 0 means that no answer arrived, and `problem` says why."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    problem: str = ""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, whatever its case, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        """The body as text, with a mark where it is no UTF-8."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body read as JSON, or None when it is none."""
        try:
            return jsonlib.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Exchange:
    """A request, its answer, and who sent it."""

    request: Request
    answer: Answer
    caller: str = ""
    base_url: str = field(default="http://127.0.0.1:8000", compare=False)

    @property
    def status(self) -> int:
        """The answer's status code, 0 when none arrived."""
        return self.answer.status

    @property
    def json(self) -> Any:
        """The answer's body read as JSON, or None when it is none."""
        return self.answer.json

    def field(self, name: str) -> Any:
        """Return a field of the JSON object in the answer, or None where there is no such thing."""
        return self.json.get(name) if isinstance(self.json, dict) else None

    @property
    def text(self) -> str:
        """The answer's body as text."""
        return self.answer.text

    def header(self, name: str) -> str | None:
        """Return the answer's first header of that name, whatever its case, or None."""
        return self.answer.header(name)

    def curl(self) -> str:
        """Return the request as one line that a shell can replay.

        Of an endless word, such as a token of 100 kB, the middle is left out.
        """
        words = ["curl", "-i"]
        if self.request.method != "GET":
            words += ["-X", self.request.method]
        for name, value in self.request.headers:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]  # curl drops `Name:`
        if self.request.body:
            words += ["--data-binary", self.request.text]
        words.append(self.base_url + self.request.path)
        return re.sub(r"\S{1200,}", _middle_left_out, shlex.join(words))


def _middle_left_out(word: re.Match[str]) -> str:
    return f"{word[0][:60]}…{word[0][-20:]}"
