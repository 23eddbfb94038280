"""What a check may ask of an answer; each question ends the check with one clear sentence."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from workbook.grading.verdicts import Failed, NotWritten, TimedOut
from workbook.talking.exchange import Exchange

TEXT_LIMIT = 160


def shown(value: Any) -> str:
    """Return a value as short JSON."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "…"


class expect:
    """Questions to one exchange; each method returns the same object, so they can be chained."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def fail(self, expected: str, got: str | None = None) -> NoReturn:
        """End the check: what should have come, and what came (default: the status)."""
        raise Failed(expected, got or self._status(), self.exchange)

    def _status(self) -> str:
        answer = self.exchange.answer
        return f"{answer.status}" if answer.status else answer.problem

    def status(self, *allowed: int) -> expect:
        """The answer has one of these status codes."""
        if self.exchange.status not in allowed:
            self._unfinished()
            self.fail(" or ".join(str(code) for code in allowed))
        return self

    def _unfinished(self) -> None:
        """End the check if the answer says that a part is not written, or did not come in time."""
        answer = self.exchange.answer
        if answer.status == 501 and isinstance(answer.json, dict) and "todo" in answer.json:
            raise NotWritten(str(answer.json["todo"]), self.exchange)
        if answer.problem.startswith("no whole answer"):
            raise TimedOut(self.exchange)

    def no_crash(self) -> expect:
        """The answer is one, and no server error."""
        status = self.exchange.status
        if status == 0 or status >= 500:
            self._unfinished()
            self.fail("any answer but a server error")
        return self

    def refused(self, error: str | None = None) -> expect:
        """401 with a Bearer challenge (RFC 6750 §3).

        `error=""` asks for a challenge without an error code, as for a request that sent no
        token; another text asks for that code; None takes either.
        """
        self.status(401)
        headers = self.exchange.answer.headers
        challenge = ", ".join(one for name, one in headers if name.lower() == "www-authenticate")
        bearer = re.search(r"(?:^|,\s*)bearer(?=[\s,]|$)(.*)", challenge, re.IGNORECASE)
        if not bearer:
            self.fail("401 with a WWW-Authenticate: Bearer header", _quoted(challenge))
        found = re.search(r'\berror\s*=\s*"?([a-z_]+)"?', bearer[1])
        if error == "" and found:
            self.fail("a challenge without an error code", _quoted(challenge))
        if error and (not found or found[1] != error):
            self.fail(f'WWW-Authenticate: Bearer … error="{error}"', _quoted(challenge))
        return self

    def header(self, name: str, contains: str) -> expect:
        """The answer has this header, and its value holds the text, whatever its case."""
        value = self.exchange.header(name)
        if value is None or contains.lower() not in value.lower():
            self.fail(f"the header {name}: {contains}", _quoted(value or "", name))
        return self

    def fields(self, **wanted: Any) -> expect:
        """The JSON object has these fields with these values; others may stand beside them."""
        body = self._object()
        for name, value in wanted.items():
            if name not in body or body[name] != value or type(body[name]) is not type(value):
                got = f"{name}: {shown(body[name])}" if name in body else f"no field {name}"
                self.fail(f"the field {name} to be {shown(value)}", got)
        return self

    def only(self, *names: str) -> expect:
        """The JSON object has exactly these fields."""
        body = self._object()
        if set(body) != set(names):
            self.fail(f"the fields {', '.join(names)}", ", ".join(map(str, body)) or "none")
        return self

    def hides(self, *secrets: str) -> expect:
        """None of these texts stands anywhere in the answer, headers included."""
        answer = self.exchange.answer
        places = [("body", answer.text)]
        places += [(f"header {name}", f"{name}: {value}") for name, value in answer.headers]
        for secret in secrets:
            for place, text in places:
                if secret in text or json.dumps(secret)[1:-1] in text:
                    self.fail(f"an answer without {shown(secret)!r}", f"it in the {place}")
        return self

    def text_field(self, name: str) -> str:
        """Return a field of the JSON object that must be a text with something in it."""
        value = self._object().get(name)
        if not isinstance(value, str) or not value:
            self.fail(f"a text in the field {name}", shown(value))
        return value

    def number_field(self, name: str) -> float:
        """Return a field of the JSON object that must be a number."""
        value = self._object().get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"a number in the field {name}", shown(value))
        return value

    def _object(self) -> dict[str, Any]:
        self.no_crash()
        body = self.exchange.json
        if not isinstance(body, dict):
            self.fail("a JSON object", shown(self.exchange.text or "an empty body"))
        return body


def _quoted(value: str, name: str = "WWW-Authenticate") -> str:
    return f"{name}: {shown(value)}" if value else f"no {name} header"
