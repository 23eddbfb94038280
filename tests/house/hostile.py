"""Requests that no honest client sends, drawn by a fixed seed from what a service says it takes."""

from __future__ import annotations

import json
import math
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from workbook.talking import forge

DEEP = 3000
HUGE = 10**400
TEXTS = [
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ufeff", "\u202eolleh", "ﬁ", "ALICE",
    "'; --", '" OR 1=1', "%s%n", "{{7*7}}", "../../etc/passwd", "\r\nSet-Cookie: a=b", "💥" * 20,
    "a" * 5000, "ä" * 73, "null", "NaN", "-1", "१", "1e5", "0x10", "+1", "1_000", "٣", "a@b", "@",
    "a@[127.0.0.1]", "x@" + "y" * 300 + ".com", "notes:read", "admin", "password",
    "refresh_token", "\x1b[2J", "İ",
]  # fmt: skip
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, HUGE]
ODD: list[Any] = [
    *TEXTS, *NUMBERS, None, True, False, 0.5, -0.0, 1e308, math.nan, math.inf, -math.inf,
    [], [[]], {}, {"a": None}, [1, "a", None], {"$ne": 1}, {"": ""}, ["alice"], {"sub": "alice"},
]  # fmt: skip
GOOD = {
    "username": "somebody", "password": "correct-horse", "email": "somebody@example.com",
    "full_name": "Somebody", "title": "A note", "body": "Some text", "roles": ["editor"],
    "disabled": False, "current_password": "correct-horse", "new_password": "battery-staple",
    "grant_type": "password", "scope": "notes:read", "token": "a.b.c", "refresh_token": "abc",
}  # fmt: skip
"""What fits a field of that name."""
SEGMENTS = [
    "0", "1", "2", "3", "-1", "00", "1.0", "1e3", "%00", "%FF", "%ED%A0%80", "%", "%2F", "%2e%2e",
    ".", "..", "%20", "1%00", "%D9%A3", "true", "null", "me", "2147483647", "2147483648", "9" * 25,
    "9" * 5000, "a" * 3000, "-" * 40, "{note_id}", "*", "1;a=b", "1,2", "0x1", "%F0%9F%92%A5", "+1",
]  # fmt: skip
TYPES = [
    "", "text/plain", "application/json; charset=utf-16", "application/json; charset=nonsense",
    "application/vnd.api+json", "APPLICATION/JSON", "application/json;;;", "/", "json",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "x" * 500,
    "multipart/form-data; boundary=x; charset=utf-7",
    "multipart/form-data; boundary=x; charset=unicode_escape",
    "application/x-www-form-urlencoded; charset=utf-7", "application/",
    "application/xml", "application/octet-stream", "application/x-www-form-urlencoded, text/plain",
]  # fmt: skip
HEADERS = [
    ("Cookie", "a=b; =; ;;; session=\x00"), ("X-Forwarded-For", "%s" * 50), ("Host", ""),
    ("Host", "["),
    ("Host", "a" * 2000), ("Content-Encoding", "gzip"), ("Range", "bytes=9-1"), ("Origin", "null"),
    ("X-Forwarded-Proto", "gopher"), ("Accept", "*/" * 900), ("If-None-Match", '"' * 30),
    ("Accept-Language", "\xff\xfe"), ("X-HTTP-Method-Override", "DELETE"), ("Upgrade", "h2c"),
    ("Connection", "Upgrade"), ("Connection", "Authorization"), ("TE", "trailers"), ("Expect", "a"),
    ("Forwarded", 'for="[::1"'), ("traceparent", "00-" + "0" * 32), ("Content-Language", "\x80"),
    ("X-Long", "z" * 8000), ("Referer", "javascript:\t1"), ("User-Agent", ""), ("Via", ",,,"),
]  # fmt: skip
"""Odd, but each a header that HTTP/1.1 can carry (the first one, with its NUL, cannot)."""
RUDE = [
    b"\0\xff\xfe\xfd\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /docs HTTP/1.1\nHost: a\n\n", b"G\xc3\xa4T / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\xff\xfe\x80 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /docs HTTP/1.1\r\nA b: c\r\n\r\n", b"GET /docs HTTP/1.1\r\n: c\r\n\r\n",
    b"GET /docs HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", b"GET /docs HTTP/1.1\r\nA: \0\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}",
    b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n{}",
    b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n{}",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
]  # fmt: skip
"""Bytes that are no HTTP/1.1, or an odd corner of it; then its connection is given up."""
FINAL = {("DELETE", "/users/me"), ("POST", "/logout-everywhere"), ("PUT", "/users/me/password")}
"""What ends good tokens: it is seldom done with one, and never with the admin's."""


@dataclass(frozen=True)
class Operation:
    """One route of the service, as it describes itself."""

    method: str
    path: str
    media: str = ""
    fields: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """One request as the bytes that are sent; after a rude one the connection is given up."""

    method: str
    raw: bytes
    rude: bool = False


def operations(schema: dict[str, Any]) -> list[Operation]:
    """Return the routes in an OpenAPI description, and a few that it does not name."""
    found = []
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {})
            media = next(iter(content), "")
            asked = [one["name"] for one in said.get("parameters", ()) if one["in"] == "query"]
            fields = _fields(content[media]["schema"], schema) if media else ()
            found.append(Operation(method.upper(), path, media, fields, tuple(asked)))
    return [*found, *(Operation("GET", path) for path in ("/", "/docs", "/nowhere/{any}"))]


def _fields(shape: dict[str, Any], schema: dict[str, Any]) -> tuple[str, ...]:
    if "allOf" in shape:
        shape = shape["allOf"][0]
    name = shape.get("$ref", "").rpartition("/")[2]
    shape = schema["components"]["schemas"][name] if name else shape
    return tuple(shape.get("properties", ()))


@dataclass
class Hostile:
    """Draws requests. `tokens` are good ones of users, `admin` of an admin, signed with `key`."""

    draw: random.Random
    routes: list[Operation]
    key: str
    tokens: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    admin: str = ""

    def shot(self) -> Shot:
        """Return the next request."""
        if self._now_and_then(100):
            return Shot("", self.draw.choice(RUDE), rude=True)
        route = self.draw.choice(self.routes)
        method = route.method
        if self._now_and_then(25):
            method = self.draw.choice(["HEAD", "OPTIONS", "PATCH", "TRACE", "GET", "POST", "PUT"])
        body, media = self._body(route) if method in ("POST", "PUT", "PATCH") else (b"", None)
        headers = [("Host", "a"), *self._authorization(route)]
        if media is not None:
            headers.append(("Content-Type", media))
        if self._now_and_then(8):
            headers.append(self.draw.choice(HEADERS))
        if body or media is not None:
            headers.append(("Content-Length", str(len(body))))
        head = f"{method} {self._address(route)} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers)
        rude = any("\0" in value for _, value in headers)
        return Shot(method, head.encode("latin-1", "replace") + b"\r\n" + body, rude)

    def _now_and_then(self, often: int) -> bool:
        return self.draw.randrange(often) == 0

    # -- addresses ---------------------------------------------------------------------------

    def _address(self, route: Operation) -> str:
        parts = [self._segment() if part[:1] == "{" else part for part in route.path.split("/")]
        path = "/".join(parts)
        if self._now_and_then(30):
            path = self.draw.choice(
                [f"{path}/", f"/{path}", f"{path}%00", f"{path};a", f"{path}#a"]
            )
        if route.asked or self._now_and_then(20):
            names = [*route.asked, "access_token", "a[]", ""]
            pairs = [f"{self.draw.choice(names)}={self._quoted()}" for _ in range(2)]
            if route.asked:
                pairs.append(f"{route.asked[0]}={self._quoted()}")
            path += "?" + self.draw.choice(["&", ";", "&&", "&=&"]).join(pairs)
        return path

    def _segment(self) -> str:
        if self.ids and self._now_and_then(2):
            return self.draw.choice(self.ids)
        return self.draw.choice(SEGMENTS)

    def _quoted(self) -> str:
        if self._now_and_then(3):
            return self.draw.choice(["alice", "%", "%zz", "%FF%FE", "%ED%A0%80", "+", "%00", "&"])
        return quote(self.draw.choice(TEXTS), errors="surrogatepass")

    # -- tokens ------------------------------------------------------------------------------

    def _authorization(self, route: Operation) -> list[tuple[str, str]]:
        kind = self.draw.random()
        if kind < 0.08 or not self.tokens:
            return []
        if kind < 0.16:
            return [("Authorization", self._odd_header())]
        token = self.draw.choice(self.tokens)
        final = (route.method, route.path) in FINAL
        if self.admin and kind < 0.36 and not final:
            token = self.admin
        if kind > 0.68 or (final and not self._now_and_then(30)):
            return [("Authorization", f"Bearer {self._odd_token(token)}")]
        return [("Authorization", f"Bearer {self._fresh(token)}")]

    def _fresh(self, token: str) -> str:
        """Return a token as good as this one that a logout of this one does not end."""
        named = {name for name in ("jti", "sid") if name in forge.claims_of(token)}
        return forge.forge(token, self.key, {name: self._name() for name in named})

    def _name(self) -> str:
        return uuid.UUID(int=self.draw.getrandbits(128)).hex

    def _odd_header(self) -> str:
        good = self._fresh(self.draw.choice(self.tokens))
        return self.draw.choice([
            "", "Bearer", "Bearer ", "Bearer  " + good, "bearer " + good, f"Bearer {good} {good}",
            f"Bearer\t{good}", f"Bearer,{good}", good, f"Basic {good}", "Basic Og==", "Basic %%%",
            "Bearer \xff\xfe\x80", "Bearer ä.ö.ü", f"Bearer {good}=", f"Bearer {good}.",
            "Bearer " + "a" * 8000, 'Digest username="alice"', "Bearer null", f"Bearer {good[:-9]}",
            f"Bearer {good.split('.')[0]}..{good.split('.')[2]}", "Negotiate " + "Y" * 200,
            "Bearer .", "Bearer ...",
        ])  # fmt: skip

    def _odd_token(self, token: str) -> str:
        header, claims = forge.parts(token)
        name = self.draw.choice([*claims, "nbf", "aud", "iss", "typ", "scope", "ver", "jti", "sid"])
        value: Any = self.draw.choice([*ODD, int(time.time()) - 9, 4e9, [claims["sub"]]])
        way = self.draw.randrange(10)
        if way < 5:
            return forge.signed(header, claims | {name: value}, self.key)
        if way == 5:
            return forge.forge(token, self.key, {name: forge.LEFT_OUT})
        if way == 6:
            field_ = self.draw.choice(
                ["alg", "typ", "kid", "crit", "b64", "cty", "zip", "jwk", "x5u"]
            )
            whole = json.dumps(header | {field_: self.draw.choice(["none", "HS512", *ODD])})
            return forge.signed(whole.encode(), claims, self.key)
        if way == 7:
            return forge.signed(self._odd_bytes(header), claims, self.key)
        if way == 8:
            return forge.signed(header, self._odd_bytes(claims), self.key)
        twice = json.dumps(claims)[:-1] + f', "{name}": {json.dumps(value)}, "exp": 1e400}}'
        return forge.signed(header, twice.encode(), self.key)

    def _odd_bytes(self, right: Any) -> bytes:
        """Return bytes that stand where a JSON object belongs."""
        text = json.dumps(right)
        nested = b"[" * DEEP if self._now_and_then(3) else b'{"a":' * 50
        return self.draw.choice([
            b"", b"{", b"null", b"[]", b"0", b'"a"', b"\xff\xfe", nested, text.encode("utf-16"),
            b"\xef\xbb\xbf" + text.encode(), text.encode() + b"\0", b"[" + text.encode() + b"]",
            text.replace('"', "'").encode(), b"9" * 5000, b'{"a":' + b"9" * 5000 + b"}", b"NaN",
            text.encode()[:-1], b'"\\ud800"', b'{"\\ud800": "\\udfff"}', b"-", b"1e999999", b"tru",
        ])  # fmt: skip

    # -- bodies ------------------------------------------------------------------------------

    def _body(self, route: Operation) -> tuple[bytes, str | None]:
        good = {name: GOOD.get(name, "a") for name in route.fields}
        if "token" in good and self.tokens and self._now_and_then(2):
            good["token"] = self._odd_token(self.draw.choice(self.tokens))
        if "username" in good and self._now_and_then(2):
            good["username"] = self.draw.choice(["alice", "olga", "Alice", "nobody"])
        if "grant_type" in good and self._now_and_then(2):
            good["grant_type"] = "refresh_token"
        if good and not self._now_and_then(12):
            for name in self.draw.sample(
                sorted(good), k=min(len(good), self.draw.choice([1, 1, 2]))
            ):
                good[name] = self.draw.choice(ODD)
        media: str | None = route.media
        if not route.media or self._now_and_then(8):
            media = self.draw.choice([*TYPES, "application/json", None])
        form = (media or "").startswith(("application/x-www", "multipart"))
        if self._now_and_then(8):
            return self._odd_bytes(good), media
        return (self._form(good, media) if form else self._json(good)), media

    def _json(self, values: dict[str, Any]) -> bytes:
        if self._now_and_then(10) and values:
            del values[self.draw.choice(sorted(values))]
        if self._now_and_then(10):
            values["id"] = values["owner_id"] = values["__proto__"] = self.draw.choice(ODD)
        ascii_ = not self._now_and_then(2)
        text = json.dumps(values, ensure_ascii=ascii_)
        if values and self._now_and_then(10):
            name = self.draw.choice(sorted(values))
            text = text[:-1] + f", {json.dumps(name)}: {json.dumps(self.draw.choice(ODD))}}}"
        return text.encode("utf-8", "surrogatepass")

    def _form(self, values: dict[str, Any], media: str | None) -> bytes:
        pairs = list(values.items())
        if pairs and self._now_and_then(5):
            pairs.append(self.draw.choice(pairs))
        if media and media.startswith("multipart"):
            if "charset" in media and self._now_and_then(2):  # half a character, by its rules
                pairs = [(name, self.draw.choice(["+2AA-", "\\ud800"])) for name, _ in pairs]
            said = "--x\r\nContent-Disposition: form-data; name"
            lines = (f'{said}="{name}"{self._file()}\r\n\r\n{one}\r\n' for name, one in pairs)
            return ("".join(lines) + "--x--").encode("utf-8", "surrogatepass")
        if self._now_and_then(6):
            return self.draw.choice([
                b"=", b"&&&", b"a", b"username", b"%", b"%zz=%", b"username=%ED%A0%80&password=%00",
                b"username=\xff\xfe&password=\x80", b"a=b" * 3000, b"\0",
                b"&".join([b"a=b"] * 1500),
            ])  # fmt: skip
        return urlencode(pairs, errors="surrogatepass").encode()

    def _file(self) -> str:
        return self.draw.choice(["", "", '; filename="a"', '; filename="\0"', "; filename*=x'y'z"])
