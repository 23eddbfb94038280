"""Taking a token apart and putting another together, as an attacker does (RFC 7515, RFC 7519).

A forged token always starts as one that the submission issued itself, so that any correct app,
whatever claims it adds, would have taken the original.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
LEFT_OUT: Any = object()
"""The value of a claim or header field that a forged token shall not have."""


class NoToken(Exception):
    """The text has not the form of a signed token: three base64url parts, two of them JSON."""


def encode(raw: bytes) -> str:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(part: str) -> bytes:
    """Return the bytes of a base64url part. Raises NoToken."""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise NoToken(f"{part[:20]!r} is not base64url") from error


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a token's header and payload, unverified. Raises NoToken."""
    pieces = token.split(".")
    if len(pieces) != 3:
        raise NoToken(f"a token has three parts, this text has {len(pieces)}")
    try:
        header, payload = json.loads(decode(pieces[0])), json.loads(decode(pieces[1]))
    except ValueError as error:
        raise NoToken("header or payload is not JSON") from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise NoToken("header or payload is not a JSON object")
    return header, payload


def header_of(token: str) -> dict[str, Any]:
    """Return a token's header, unverified. Raises NoToken."""
    return parts(token)[0]


def claims_of(token: str) -> dict[str, Any]:
    """Return a token's claims, unverified. Raises NoToken."""
    return parts(token)[1]


def signed(header: dict[str, Any] | bytes, payload: dict[str, Any] | bytes, key: str) -> str:
    """Return a token of these two parts with an HMAC signature by `key` (its UTF-8 bytes).

    The header's `alg` chooses the hash; bytes are taken as they are, with SHA-256.
    """
    algorithm = header.get("alg") if isinstance(header, dict) else "HS256"
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    message = f"{encode(head)}.{encode(body)}"
    digest = HASHES.get(str(algorithm), hashlib.sha256)
    return f"{message}.{encode(hmac.new(key.encode(), message.encode(), digest).digest())}"


def forge(
    token: str,
    key: str,
    claims: dict[str, Any] | None = None,
    header: dict[str, Any] | None = None,
) -> str:
    """Return `token` with claims and header fields changed, signed again with `key`.

    A field whose value is LEFT_OUT is dropped. Raises NoToken.
    """
    old_header, old_claims = parts(token)
    return signed(_changed(old_header, header), _changed(old_claims, claims), key)


def _changed(old: dict[str, Any], new: dict[str, Any] | None) -> dict[str, Any]:
    merged = old | (new or {})
    return {name: value for name, value in merged.items() if value is not LEFT_OUT}


def unsigned(token: str, algorithm: str = "none", **claims: Any) -> str:
    """Return `token` with another `alg`, claims changed and an empty signature. Raises NoToken."""
    whole = forge(token, "", claims, {"alg": algorithm})
    return whole.rpartition(".")[0] + "."


def payload_swapped(token: str, **claims: Any) -> str:
    """Return `token` with claims changed and its old signature kept. Raises NoToken."""
    header, _, signature = token.split(".")
    body = json.dumps(claims_of(token) | claims).encode()
    return f"{header}.{encode(body)}.{signature}"


def respelled(token: str) -> list[str]:
    """Return other spellings of a token that lenient readers take for the same one.

    A padding sign behind it, and the bits of its last character that stand for nothing.
    """
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = alphabet[alphabet.index(token[-1]) ^ 1]  # 32 bytes leave two bits over
    return [f"{token}=", token[:-1] + spare]
