"""A caller: sends HTTP to one server and keeps every exchange."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from http.client import HTTPException, IncompleteRead
from typing import Any
from urllib.parse import urlencode

from workbook.running.server import Address
from workbook.talking.exchange import Answer, Exchange, Request
from workbook.talking.wire import Connection, TooLong

REQUEST_SECONDS = 5.0
"""How long an answer may take, from the first byte sent to the last byte received."""
BODY_LIMIT = 1_000_000
"""How many bytes of an answer are read."""


def made(
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


class Client:
    """Speaks to one address, as one named caller if it is given one; threads may share it.

    An answer that is late, too long or broken HTTP is an `Answer` with status 0 and a `problem`.
    `heard` is told each exchange; `shown_as` is the address that exchanges carry.
    """

    def __init__(
        self,
        address: Address,
        heard: Callable[[Exchange], None] | None = None,
        *,
        shown_as: str = "",
    ) -> None:
        self.address = address
        self._heard = heard
        self._url = shown_as or address.url
        self._idle: list[Connection] = []

    def send(self, method: str, path: str, *, caller: str = "", **sent: Any) -> Exchange:
        """Send one request and return it with its answer; see `made` for what it may carry."""
        request = made(method, path, **sent)
        exchange = Exchange(request, self._answer(request), caller, self._url)
        if exchange.status == 0 or exchange.status >= 500:
            self.close()  # what follows a crash may meet a closed connection
        if self._heard:
            self._heard(exchange)
        return exchange

    def _answer(self, request: Request) -> Answer:
        connection = self._idle.pop() if self._idle else Connection(self.address)
        answer = _attempt(connection, request)
        if answer.status:
            self._idle.append(connection)
        return answer

    def at_once(
        self, requests: list[Request], held: AbstractContextManager[None]
    ) -> list[Exchange]:
        """Send requests on a connection each before any answer is read; `held` stands around that.

        Returns the exchanges in the order of the requests.
        """
        connections = [Connection(self.address) for _ in requests]
        with held:
            asked = [
                _attempt(connection, request, read=False)
                for connection, request in zip(connections, requests, strict=True)
            ]
        seen = []
        for connection, request, sent in zip(connections, requests, asked, strict=True):
            answer = sent if sent.problem else _read(connection)
            connection.close()
            seen.append(Exchange(request, answer, "", self._url))
        return seen

    def close(self) -> None:
        """Close the connections that wait; the next request opens one."""
        while self._idle:
            self._idle.pop().close()


def _attempt(connection: Connection, request: Request, *, read: bool = True) -> Answer:
    try:
        connection.ask(request, REQUEST_SECONDS)
    except BaseException as error:
        connection.close()
        return Answer(0, problem=_problem(error))
    return _read(connection) if read else Answer(0)


def _read(connection: Connection) -> Answer:
    try:
        return connection.answer(BODY_LIMIT)
    except BaseException as error:
        connection.close()
        return Answer(0, problem=_problem(error))


def _problem(error: BaseException) -> str:
    """Say why there is no answer; what is no fault of the answer goes on."""
    if isinstance(error, TimeoutError):
        return f"no whole answer within {REQUEST_SECONDS:g} s"
    if isinstance(error, TooLong):
        return f"the answer is longer than {BODY_LIMIT:,} bytes"
    if isinstance(error, IncompleteRead):
        return "the connection ended in the middle of the answer"
    if isinstance(error, ConnectionError):  # also RemoteDisconnected
        return "the connection ended without an answer"
    if isinstance(error, HTTPException):
        return f"the answer is no HTTP ({type(error).__name__})"
    if isinstance(error, OSError | ValueError):
        return f"no answer ({type(error).__name__})"
    raise error
