"""A caller: sends HTTP to one server and keeps every exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from http.client import HTTPException, IncompleteRead
from typing import Any

from workbook.running.server import Address
from workbook.talking.exchange import Answer, Exchange, Request, request
from workbook.talking.wire import Connection, TooLong

REQUEST_SECONDS = 5.0
"""How long an answer may take, from the first byte sent to the last byte received."""
BODY_LIMIT = 1_000_000
"""How many bytes of an answer are read."""
AHEAD = 8
"""How many requests are under way on one connection: more would only fill its buffers."""


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
        """Send one request (`request` says what it may carry) and return it with its answer."""
        return self.ask([request(method, path, **sent)], caller)[0]

    def ask(self, requests: list[Request], caller: str = "") -> list[Exchange]:
        """Send requests on one connection and return them, in order, with their answers.

        None waits for the answer to the one before (pipelining, RFC 9112 §9.3.2); the server takes
        them one at a time. Those behind an answer that ends the connection go out on a new one.
        """
        seen: list[Exchange] = []
        while len(seen) < len(requests):
            for answer in self._answers(requests[len(seen) :]):
                exchange = Exchange(requests[len(seen)], answer, caller, self._url)
                seen.append(exchange)
                if self._heard:
                    self._heard(exchange)
        if any(one.status == 0 or one.status >= 500 for one in seen):
            self.close()  # what follows a crash may meet a closed connection
        return seen

    def _answers(self, requests: list[Request]) -> Iterator[Answer]:
        """Give the answers that one connection brings: the first one at the least."""
        connection = self._idle.pop() if self._idle else Connection(self.address)
        asked = 0
        try:
            for number in range(len(requests)):
                connection.within(REQUEST_SECONDS)
                for one in requests[asked : number + AHEAD]:
                    try:
                        connection.ask(one)
                    except ValueError:  # it cannot be sent, which is told when its turn comes
                        if asked == number:
                            raise
                        break
                    asked += 1
                yield connection.answer(BODY_LIMIT)
                if not connection.socket:
                    return
        except BaseException as error:
            connection.close()
            yield Answer(0, problem=_problem(error))
        else:
            self._idle.append(connection)

    def at_once(
        self, requests: list[Request], held: AbstractContextManager[None]
    ) -> list[Exchange]:
        """Send requests on a connection each before any answer is read; `held` stands around that.

        Returns the exchanges in the order of the requests.
        """
        connections = [Connection(self.address) for _ in requests]
        problems = []
        with held:
            for connection, one in zip(connections, requests, strict=True):
                connection.within(REQUEST_SECONDS)
                problems.append(_tried(partial(connection.ask, one)))
        seen = []
        for connection, one, problem in zip(connections, requests, problems, strict=True):
            answer = problem or _tried(partial(connection.answer, BODY_LIMIT))
            connection.close()
            seen.append(Exchange(one, answer or Answer(0), "", self._url))
        return seen

    def close(self) -> None:
        """Close the connections that wait; the next request opens one."""
        while self._idle:
            self._idle.pop().close()


def _tried(act: Callable[[], Answer | None]) -> Answer | None:
    try:
        return act()
    except BaseException as error:
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
