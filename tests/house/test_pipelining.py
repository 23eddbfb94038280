"""Requests that go out one behind the other: their answers are those of requests sent singly."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workbook.running.server import Address
from workbook.talking.client import AHEAD, Client
from workbook.talking.exchange import request

HEAD = re.compile(rb"([A-Z]+) /(\w+) HTTP/1.1\r\n(?:.+\r\n)*\r\n")
Told = Callable[[str, str], bytes]


def answer(text: str, *headers: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Length: {len(text)}", *headers, "", text)
    return "\r\n".join(lines).encode()


@contextmanager
def serving(told: Told, at_first: int = 1) -> Iterator[tuple[Client, list[str]]]:
    """Give a client of a small server, and a list of the paths that it was asked for.

    It answers a request without a body with what `told` says to its method and path, in order, and
    closes where that is empty. On each connection it answers nothing before so many have arrived.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                speak(connection)

    def speak(connection: socket.socket) -> None:
        heard, waiting = b"", at_first
        while data := connection.recv(65536):
            heard += data
            if len(HEAD.findall(heard)) < waiting:
                continue
            waiting = 1
            while found := HEAD.match(heard):
                heard = heard[found.end() :]
                method, path = found[1].decode(), found[2].decode()
                asked.append(path)
                reply = told(method, path)
                connection.sendall(reply)
                if not reply or b"close" in reply:
                    return

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    client = Client(Address(port=listening.getsockname()[1]))
    try:
        yield client, asked
    finally:
        client.close()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        server.join()


def ask(client: Client, *paths: str) -> list[str]:
    """Return the body of each answer, or why there is none."""
    seen = client.ask([request("GET", f"/{path}") for path in paths])
    return [one.text or one.answer.problem for one in seen]


def test_requests_do_not_wait_for_answers() -> None:
    with serving(lambda _, path: answer(path), at_first=AHEAD) as (client, asked):
        paths = [f"p{number}" for number in range(3 * AHEAD)]
        assert ask(client, *paths) == paths
        assert asked == paths


def test_what_stands_behind_an_ended_connection_goes_out_again() -> None:
    def told(_: str, path: str) -> bytes:
        return answer(path, *["Connection: close"] * (path == "last"))

    with serving(told) as (client, asked):
        assert ask(client, "a", "last", "b", "c") == ["a", "last", "b", "c"]
        assert asked == ["a", "last", "b", "c"]


def test_an_answer_that_is_missing_is_missed_once() -> None:
    with serving(lambda _, path: b"" if path == "crash" else answer(path)) as (client, asked):
        gone = "the connection ended without an answer"
        assert ask(client, "a", "crash", "b", "crash", "c") == ["a", gone, "b", gone, "c"]
        assert asked == ["a", "crash", "b", "crash", "c"]


def test_a_request_that_cannot_be_sent_stops_no_other() -> None:
    with serving(lambda _, path: answer(path)) as (client, asked):
        odd = request("GET", "/odd", headers={"X": "a\r\nB: c"})
        seen = client.ask([request("GET", "/a"), odd, request("GET", "/b")])
        assert [one.text for one in seen] == ["a", "", "b"]
        assert seen[1].answer.problem == "no answer (ValueError)"
        assert asked == ["a", "b"]


def test_an_answer_ends_where_the_next_one_begins() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    replies = {
        "head": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
        "none": b"HTTP/1.1 204 No Content\r\n\r\n",
        "early": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer("late"),
        "chunks": chunked + b"2;x\r\nc1\r\n2\r\nc2\r\n0\r\nX: y\r\n\r\n",
    }
    with serving(lambda _, path: replies.get(path, answer(path))) as (client, _):
        asked = [request("HEAD", "/head")]
        asked += [request("GET", f"/{path}") for path in ("a", "none", "early", "chunks", "b")]
        seen = client.ask(asked)
        assert [one.text for one in seen] == ["", "a", "", "late", "c1c2", "b"]
        assert [one.status for one in seen] == [200, 200, 204, 200, 200, 200]
