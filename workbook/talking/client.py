"""A caller: sends HTTP to one server and keeps every exchange."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from workbook.running.server import Address
from workbook.talking.exchange import Answer, Exchange, Request

REQUEST_SECONDS = 5.0
"""How long an answer may take, from the first byte sent to the last byte received."""
BODY_LIMIT = 1_000_000
"""How many bytes of an answer are read."""


class Client:
    """Speaks to one address, as one named caller if it is given one.

    An answer that is late, too long or broken HTTP is an `Answer` with status 0 and a `problem`.
    """

    def __init__(self, address: Address, heard: Callable[[Exchange], None] | None = None) -> None:
        self.address = address
        self._heard = heard
        self._http = self._connect()

    def _connect(self) -> httpx.Client:
        return httpx.Client(
            transport=httpx.HTTPTransport(uds=self.address.path or None, verify=False, retries=0),
            base_url=self.address.url,
            timeout=REQUEST_SECONDS,
            headers={"User-Agent": "curl/8.7.1"},
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        caller: str = "",
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | list[tuple[str, str]] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
    ) -> Exchange:
        """Send one request and return it with its answer.

        `token` goes into `Authorization: Bearer …`; `json`, `form` (URL-encoded) or raw `body`
        with headers of your own make the body.
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
        request = Request(method, path, tuple(sent), body or b"")
        exchange = Exchange(request, self._answer(request), caller, self.address.url)
        if exchange.status == 0 or exchange.status >= 500:
            self._http.close()  # what follows a crash may meet a closed connection
            self._http = self._connect()
        if self._heard:
            self._heard(exchange)
        return exchange

    def _answer(self, request: Request) -> Answer:
        deadline = time.monotonic() + REQUEST_SECONDS
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in
                   request.headers]  # fmt: skip
        if request.body:
            headers.append((b"Content-Length", b"%d" % len(request.body)))
        try:
            with self._http.stream(
                request.method, request.path, headers=headers, content=request.body or None
            ) as response:
                body = b""
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > BODY_LIMIT:
                        return Answer(0, problem=f"the answer is longer than {BODY_LIMIT:,} bytes")
                    if time.monotonic() > deadline:
                        return Answer(0, problem=f"no whole answer within {REQUEST_SECONDS:g} s")
                return Answer(
                    response.status_code,
                    response.reason_phrase,
                    tuple(
                        (name.decode("latin-1"), value.decode("latin-1"))
                        for name, value in response.headers.raw
                    ),
                    body,
                )
        except httpx.TimeoutException:
            return Answer(0, problem=f"no whole answer within {REQUEST_SECONDS:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answer(0, problem=f"no answer ({type(error).__name__})")

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
