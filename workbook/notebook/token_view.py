"""A token taken apart and put together again by hand: base64, JSON and one HMAC, no library."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from workbook.notebook.look import Picture, pretty
from workbook.notebook.pieces import Piece, apart

PARTS = ("header", "payload", "signature")


def encode(raw: bytes) -> str:
    """Return bytes as base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(part: str) -> tuple[bytes, str]:
    """Return a part's bytes, as far as they can be read, and what is wrong with its letters."""
    raw = b""
    with contextlib.suppress(ValueError):
        raw = base64.urlsafe_b64decode(part.rstrip("=").encode() + b"==")
    if strange := re.search(r"[^A-Za-z0-9_-]", part):
        return raw, f"no base64url: the character {strange[0]!a} has no place in it"
    return raw, f"no base64url: it cannot be {len(part)} long" if len(part) % 4 == 1 else ""


def _fields(raw: bytes) -> tuple[dict[str, Any], str]:
    try:
        found = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}, "no JSON" if raw else "empty"
    return (found, "") if isinstance(found, dict) else ({}, "JSON, but no object")


def _times(claims: dict[str, Any]) -> list[str]:
    """Return the claims that are times as dates in UTC, and how long the token is good for."""
    rows = []
    for name in ("iat", "nbf", "exp"):
        with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=claims[name])
            rows.append(f"{name} is {moment:%Y-%m-%d %H:%M:%S} UTC")
    with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
        rows.append(f"good for {timedelta(seconds=claims['exp'] - claims['iat'])} (h:mm:ss)")
    return rows


def _plain(byte: int) -> bool:
    return byte < 128 and chr(byte).isalnum()


class Token(Picture):
    """A signed token (a JSON Web Token): three parts, each of which can be read and changed."""

    def __init__(self, text: object, done: tuple[str, ...] = ()) -> None:
        self._text = text.decode("latin-1") if isinstance(text, bytes) else str(text or "")
        self._parts = dict(zip(PARTS, [*self._text.split("."), "", ""], strict=False))
        self._raw, self._done = {part: decode(self._parts[part])[0] for part in PARTS}, done
        self.header = _fields(self._raw["header"])[0]  # both are empty when they make no sense
        self.payload = _fields(self._raw["payload"])[0]
        self.signature = self._raw["signature"]

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
        for part in PARTS:
            problem = decode(self._parts[part])[1]
            if not problem and part != "signature":
                problem = _fields(self._raw[part])[1]
            found += [f"The {part} is {problem}."] if problem else []
        return found

    def with_raw(self, part: str, raw: bytes | str, change: str = "replaced") -> Token:
        """Return a token with these bytes in one part, whatever they are, all else kept."""
        if part not in PARTS:
            raise ValueError(f"A token has no part {part!r}: header, payload or signature.")
        raw = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
        text = ".".join({**self._parts, part: encode(raw)}.values())
        return Token(text, (*self._done, f"{part} {change}"))

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

    def _with(self, part: str, fields: dict[str, Any], change: str) -> Token:
        return self.with_raw(part, json.dumps(fields, separators=(",", ":"), default=str), change)

    def signed_with(self, key: str | bytes) -> Token:
        """Return a token signed with this key: HMAC-SHA256 over parts 1 and 2, as `HS256` says."""
        secret = key.encode("utf-8", "replace") if isinstance(key, str) else key
        signed = f"{self._parts['header']}.{self._parts['payload']}".encode("utf-8", "replace")
        return self.with_raw("signature", hmac.digest(secret, signed, hashlib.sha256), "made anew")

    def unsigned(self) -> Token:
        """Return a token whose header says that nobody signed it, with an empty signature."""
        return self.with_header(alg="none").with_raw("signature", b"", "taken off")

    def with_changed_byte(self, part: str = "signature") -> Token:
        """Return a token with one bit of one byte flipped; a letter or digit stays one."""
        raw = bytearray(self._raw.get(part, b""))
        if not raw:
            return self.with_raw(part, b"", "empty: no byte to change")
        plain = [i for i, byte in enumerate(raw) if _plain(byte) and _plain(byte ^ 1)]
        place = plain[-1] if plain and part != "signature" else len(raw) - 1
        before, raw[place] = raw[place], raw[place] ^ 1
        shown = (chr(before), chr(raw[place])) if plain and part != "signature" else ()
        was, now = shown or (f"{before:#04x}", f"{raw[place]:#04x}")
        return self.with_raw(part, bytes(raw), f"byte {place + 1} changed from {was} to {now}")

    def drawn(self) -> tuple[str, str]:
        """Return the three parts as HTML and as text."""
        says = {
            part: pretty(self._raw[part].decode("utf-8", "replace")) if self._raw[part] else []
            for part in ("header", "payload")
        }
        says["payload"] += _times(self.payload)
        count, first = len(self.signature), self.signature[:8].hex(" ")
        says["signature"] = [f"{count} bytes: {first} …"] if count else ["empty: nobody signed it"]
        pieces = [
            piece
            for part in PARTS
            for piece in (Piece("."), Piece(self._parts[part], part, says[part] or ["(nothing)"]))
        ]
        rest = "".join(f".{part}" for part in self._text.split(".")[3:])
        title = f"A token of {len(self._text)} characters"
        title += f", changed by hand: {'; '.join(self._done)}" if self._done else ""
        wrong, closing = self.problems, "Anybody can read parts 1 and 2. Only part 3 needs the key."
        return apart(title, [*pieces[1:], Piece(rest)], wrong, "" if wrong else closing)
