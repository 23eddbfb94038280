"""A token taken apart and put together again by hand: base64, JSON and one HMAC, no library."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from workbook.notebook.look import Picture, pretty
from workbook.notebook.pieces import Piece, apart
from workbook.talking.forge import encode

PARTS = ("header", "payload", "signature")
NO_TIME = (KeyError, TypeError, ValueError, OverflowError)


def decode(part: str, text: str) -> tuple[bytes, dict[str, Any], str]:
    """Return a part's bytes and fields, as far as they can be read, and what is wrong with it."""
    raw, fields, problem = b"", {}, ""
    with contextlib.suppress(ValueError):
        raw = base64.urlsafe_b64decode(text.rstrip("=").encode() + b"==")
    if part != "signature":
        problem = "not JSON" if raw else "empty"
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(raw.decode())
            fields = found if isinstance(found, dict) else {}
            problem = "" if isinstance(found, dict) else "JSON, but not an object"
    if len(text) % 4 == 1:
        problem = f"not base64url: it cannot be {len(text)} characters long"
    if strange := re.search(r"[^A-Za-z0-9_-]", text):
        problem = f"not base64url: the character {strange[0]!a} has no place in it"
    return raw, fields, problem


def _times(claims: dict[str, Any]) -> list[str]:
    """Return the claims that are times as dates in UTC, and how long the token is good for."""
    rows = []
    for name in ("iat", "nbf", "exp"):
        with contextlib.suppress(*NO_TIME):
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=claims[name])
            rows.append(f"{name} is {moment:%Y-%m-%d %H:%M:%S} UTC")
    with contextlib.suppress(*NO_TIME):
        rows.append(f"good for {timedelta(seconds=claims['exp'] - claims['iat'])} (h:mm:ss)")
    return rows


class Token(Picture):
    """A signed token (a JSON Web Token): three parts, each of which can be read and changed."""

    def __init__(self, text: object, done: tuple[str, ...] = ()) -> None:
        self._text = text.decode("latin-1") if isinstance(text, bytes) else str(text or "")
        self._parts = dict(zip(PARTS, [*self._text.split("."), "", ""], strict=False))
        self._read = {part: decode(part, text) for part, text in self._parts.items()}
        self._done = done
        self.header, self.payload = self._read["header"][1], self._read["payload"][1]
        self.signature = self._read["signature"][0]

    def __str__(self) -> str:
        return self._text

    @property
    def problems(self) -> list[str]:
        """What keeps the text from being a token, in words."""
        if not self._text.strip():
            return ["There is no token: the text is empty."]
        found, count = [], self._text.count(".") + 1
        if self._text.lower().startswith("bearer "):
            found.append("'Bearer ' belongs to the request's header, not to the token.")
        if count != 3:
            found.append(f"A token has three parts with dots between; this text has {count}.")
        wrong = {part: problem for part, (_, _, problem) in self._read.items() if problem}
        return found + [f"The {part} is {problem}." for part, problem in wrong.items()]

    def with_raw(self, part: str, raw: bytes | str, change: str = "replaced") -> Token:
        """Return a token with these bytes in one part, whatever they are, all else kept."""
        if part not in PARTS:
            raise ValueError(f"A token has no part {part!r}: header, payload or signature.")
        raw = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
        text = ".".join({**self._parts, part: encode(raw)}.values())
        return Token(text, (*self._done, f"{part} {change}"))

    def _with(self, part: str, fields: dict[str, Any], change: str) -> Token:
        return self.with_raw(part, json.dumps(fields, separators=(",", ":"), default=str), change)

    def with_header(self, **fields: object) -> Token:
        """Return a token with these header fields changed and the signature kept."""
        return self._with("header", {**self.header, **fields}, f"changed ({', '.join(fields)})")

    def with_payload(self, **claims: object) -> Token:
        """Return a token with these claims changed and the signature kept."""
        return self._with("payload", {**self.payload, **claims}, f"changed ({', '.join(claims)})")

    def without(self, *claims: str) -> Token:
        """Return a token that lacks these claims, the signature kept."""
        kept = {name: value for name, value in self.payload.items() if name not in claims}
        return self._with("payload", kept, f"without {', '.join(claims)}")

    def signed_with(self, key: str | bytes) -> Token:
        """Return a token signed with this key: HMAC-SHA256 over parts 1 and 2, as `HS256` says."""
        secret = key.encode("utf-8", "replace") if isinstance(key, str) else key
        signed = f"{self._parts['header']}.{self._parts['payload']}".encode("utf-8", "replace")
        return self.with_raw("signature", hmac.digest(secret, signed, "sha256"), "made anew")

    def unsigned(self) -> Token:
        """Return a token whose header says that nobody signed it, with an empty signature."""
        return self.with_header(alg="none").with_raw("signature", b"", "taken off")

    def with_changed_byte(self, part: str = "signature") -> Token:
        """Return a token with one bit of one byte flipped, in JSON where a letter stays one."""
        raw = bytearray(self._read.get(part, (b"",))[0])
        if not raw:
            return self.with_raw(part, b"", "empty: no byte to change")
        letters = [place for place, byte in enumerate(raw) if bytes([byte, byte ^ 1]).isalnum()]
        place = letters[-1] if letters and part != "signature" else len(raw) - 1
        raw[place] ^= 1
        change = f"byte {place + 1} changed from {raw[place] ^ 1:#04x} to {raw[place]:#04x}"
        return self.with_raw(part, bytes(raw), change)

    def drawn(self) -> tuple[str, str]:
        """Return the three parts as HTML and as text."""
        pieces = []
        for part, (raw, fields, _) in self._read.items():
            says = pretty(raw.decode("utf-8", "replace")) if raw else ["(nothing)"]
            if part == "payload":
                says += _times(fields)
            elif part == "signature":
                count, some = len(raw), raw[:8].hex(" ")
                says = [f"{count} bytes: {some} …"] if raw else ["nothing: nobody signed it"]
            pieces += [Piece("."), Piece(self._parts[part], part, says)]
        pieces.append(Piece("".join(f".{part}" for part in self._text.split(".")[3:])))
        wrong, closing = self.problems, "Anybody can read parts 1 and 2. Only part 3 needs the key."
        title = f"A {'broken ' if wrong else ''}token of {len(self._text)} characters"
        title += f", changed by hand: {'; '.join(self._done)}" if self._done else ""
        return apart(title, pieces[1:], wrong, "" if wrong else closing)
