"""One connection that speaks HTTP/1.1, with a deadline that holds for the whole exchange.

The standard library's client is used: it sends headers byte for byte, as an attacker would, and
costs a tenth of what a client with a connection pool, redirects and cookies costs.
"""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from workbook.running.server import Address
from workbook.talking.exchange import Answer, Request

OPEN = "!$%&'()*+,/:;=?@[]~"
"""Characters of an address that are sent as they are."""
ALWAYS = (("Host", "127.0.0.1"), ("User-Agent", "curl/8.7.1"), ("Accept", "*/*"))


class TooLong(Exception):
    """The body of an answer has more bytes than are read."""


class _Socket(socket.socket):
    """A socket on which everything has to be over at one moment."""

    deadline = 0.0

    def _hurry(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)

    def recv_into(self, *arguments: Any) -> int:
        self._hurry()
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self._hurry()
        super().sendall(*arguments)


class Connection(http.client.HTTPConnection):
    """A connection to a server's port or Unix socket; it opens, and opens again, when needed."""

    sock: _Socket | None

    def __init__(self, address: Address) -> None:
        super().__init__("127.0.0.1", address.port or 80)
        self.address = address
        self.deadline = 0.0

    def connect(self) -> None:
        """Open the socket."""
        family = socket.AF_UNIX if self.address.path else socket.AF_INET
        opened = _Socket(family, socket.SOCK_STREAM)
        try:
            opened.deadline = self.deadline
            opened.settimeout(max(self.deadline - time.monotonic(), 0.001))
            opened.connect(self.address.path or ("127.0.0.1", self.address.port))
            if not self.address.path:
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            opened.close()
            raise
        self.sock = opened

    def ask(self, request: Request, seconds: float) -> None:
        """Send a request; within `seconds` the answer has to be read.

        Raises TimeoutError, OSError, or ValueError for what cannot be sent.
        """
        self.deadline = time.monotonic() + seconds
        if self.sock and _has_been_closed(self.sock):
            self.close()
        if self.sock:
            self.sock.deadline = self.deadline
        self._send(request)

    def answer(self, limit: int) -> Answer:
        """Read the whole answer, of at most `limit` bytes.

        Raises TimeoutError, TooLong, OSError or HTTPException.
        """
        response = self.getresponse()
        try:
            body = _body(response, limit)
        finally:
            response.close()
        headers = tuple((name, value.strip()) for name, value in response.getheaders())
        return Answer(response.status, response.reason, headers, body)

    def _send(self, request: Request) -> None:
        path = quote(request.path, safe=OPEN, errors="surrogatepass") or "/"
        self.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        headers = list(_headers(request))
        for name, value in headers:
            self.putheader(name, value.encode("latin-1", "replace"))
        # It may be refused before it was read to its end; then the answer says why.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.endheaders(request.body or None)


def _headers(request: Request) -> Iterable[tuple[str, str]]:
    given = {name.lower() for name, _ in request.headers}
    yield from (pair for pair in ALWAYS if pair[0].lower() not in given)
    yield from request.headers
    bodied = request.body or request.method in ("POST", "PUT", "PATCH")
    if bodied and not given & {"content-length", "transfer-encoding"}:
        yield "Content-Length", str(len(request.body))


def _has_been_closed(connected: socket.socket) -> bool:
    """Tell whether the server ended an idle connection, or wrote where nothing was asked."""
    try:
        return bool(select.select([connected], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _body(response: http.client.HTTPResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(65536):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise TooLong
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)
