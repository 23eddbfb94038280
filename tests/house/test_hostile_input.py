"""Nothing that a caller sends makes an answer fail: 10,000 hostile requests a lesson, not one 5xx.

They are drawn by a fixed seed over all routes of the lesson and sent in batches, without waiting
for each answer, to two servers of it on two connections each. Of the answers only the status is
read. Without TEST_ALL it is a quarter of them.
"""

import random
import re
import socket
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Event

import pytest

from house.effort import WHOLE
from house.hostile import Hostile, Operation, Shot, operations
from house.serving import Serve
from workbook import tree
from workbook.authoring.corpus import Edit
from workbook.grading.api import Api

ALL = 10_000
SHOTS = ALL if WHOLE else ALL // 4
SERVERS = 2
LANES = 4
"""Connections, each with a server of its own choice, people of its own and requests of its own."""
BATCH = 25
ROUND = 500
"""After so many requests new people come: the old ones may have closed their accounts."""
SECONDS = 20.0
"""How long a server may be silent: more is a server that hangs."""
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

ANSWERS = [lesson for lesson in tree.lessons() if lesson.solution.is_dir()]


class Line:
    """A connection on which many requests are on their way at once."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._sock: socket.socket | None = None
        self._got = b""

    def statuses(self, shots: list[Shot]) -> Iterator[tuple[Shot, int]]:
        """Send requests and yield the status of each; 0 where none came and one was due."""
        while shots:
            answered = 0
            for status in self._answers(shots):
                yield shots[answered], status
                answered += 1
            if answered < len(shots):  # the server has ended the connection, as it may
                self.close()
                if not answered:
                    yield shots[0], 0
                    answered = 1
            shots = shots[answered:]

    def _answers(self, shots: list[Shot]) -> Iterator[int]:
        try:
            sock = self._connected()
        except OSError:
            return
        with suppress(OSError):  # what was answered before can still be read
            sock.sendall(b"".join(shot.raw for shot in shots))
        for shot in shots:
            status = self._status(sock, shot)
            if not status:
                return
            yield status

    def _connected(self) -> socket.socket:
        if self._sock is None:
            address = self.api.server.address
            family = socket.AF_UNIX if address.path else socket.AF_INET
            self._sock, self._got = socket.socket(family), b""
            self._sock.settimeout(SECONDS)
            self._sock.connect(address.path or ("127.0.0.1", address.port))
        return self._sock

    def _status(self, sock: socket.socket, shot: Shot) -> int:
        """Return the next answer's status, or 0 if the connection ends before it is whole."""
        while True:
            while (end := self._got.find(b"\r\n\r\n")) < 0:
                if not self._more(sock):
                    return 0
            status, length = int(self._got[9:12]), LENGTH.search(self._got, 0, end)
            bodied = shot.method != "HEAD" and status >= 200 and status not in (204, 304)
            size = end + 4 + (int(length[1]) if length and bodied else 0)
            while len(self._got) < size:
                if not self._more(sock):
                    return 0
            self._got = self._got[size:]
            if status >= 200:
                return status

    def _more(self, sock: socket.socket) -> bool:
        try:
            new = sock.recv(1 << 18)
        except OSError:  # also a silence of that many seconds
            return False
        self._got += new
        return bool(new)

    def rude(self, shot: Shot) -> int:
        """Send what may leave the connection unusable; return the status that came, if any."""
        self.close()
        try:
            sock = self._connected()
            sock.sendall(shot.raw)
            sock.shutdown(socket.SHUT_WR)
            return self._status(sock, shot)
        except OSError:
            return 0
        finally:
            self.close()

    def close(self) -> None:
        """End the connection."""
        if self._sock:
            self._sock.close()
            self._sock = None


def lane(api: Api, name: str, routes: list[Operation], shots: int, over: Event) -> Generator[str]:
    """Send hostile requests one batch after the other until all is over; yield what failed."""
    hostile = Hostile(random.Random(name), routes, api.secret_key)
    with closing(Line(api)) as line:
        yield from _hostility(line, hostile, name, shots, over)
    if api.server.process is None or api.server.process.status() is not None:
        yield "the server has ended"


def _hostility(line: Line, hostile: Hostile, name: str, shots: int, over: Event) -> Iterator[str]:
    for number in range(0, shots, BATCH):
        if over.is_set():
            return
        if number % ROUND == 0:
            people_of(line.api, name, hostile)
        batch = [hostile.shot() for _ in range(BATCH)]
        polite = [shot for shot in batch if not shot.rude]
        seen = [*line.statuses(polite), *((shot, line.rude(shot)) for shot in batch if shot.rude)]
        for shot, status in seen:
            if status >= 500 or not (status or shot.rude):
                yield f"{status}: {shot.raw[:1500]!r}"


def people_of(api: Api, name: str, hostile: Hostile) -> None:
    """Give the attacker some fresh accounts, where the lesson has accounts."""
    paths = {(route.method, route.path) for route in hostile.routes}
    if ("POST", "/register") not in paths:
        return
    people = [api.register(f"{name}x") for _ in range(3)]
    hostile.ids = [person.id for person in people]
    if ("POST", "/introspect") in paths:  # from here on a login gives a token
        hostile.tokens = [person.token for person in people]
    if ("GET", "/admin") in paths:
        hostile.admin = api.olga.token


def losses(apis: list[Api], lesson: tree.Lesson, shots: int) -> list[str]:
    """Return what failed of so many requests; after the first failure the lanes stop."""
    over = Event()
    routes = operations(apis[0].get("/openapi.json").json)
    names = [f"l{lesson.number}n{number}" for number in range(LANES)]

    def first_loss(number: int) -> str:
        with closing(
            lane(apis[number % SERVERS], names[number], routes, shots // LANES, over)
        ) as found:
            lost = next(found, "")
        if lost:
            over.set()
        return lost

    with ThreadPoolExecutor(LANES) as pool:
        return [lost for lost in pool.map(first_loss, range(LANES)) if lost]


@pytest.mark.parametrize("lesson", ANSWERS, ids=lambda lesson: f"lesson {lesson.number}")
def test_no_input_makes_an_answer_fail(lesson: tree.Lesson, serve: Serve) -> None:
    apis = [serve(lesson) for _ in range(SERVERS)]
    assert losses(apis, lesson, SHOTS) == []
    for api in apis:
        assert api.get("/openapi.json").status == 200


PLANTED = [
    pytest.param(
        1,
        Edit(
            "app.py",
            "    if username not in PEOPLE:",
            "    if not username.isprintable():\n        __import__('os')._exit(1)\n"
            "    if username not in PEOPLE:",
        ),
        id="a server that ends",
    ),
    pytest.param(2, Edit("passwords.py", "except ValueError", "except KeyError"), id="a NUL"),
    pytest.param(7, Edit("store.py", "return text.isprintable()", "return True"), id="a surrogate"),
    pytest.param(8, Edit("notes.py", "Path(ge=1, le=2**31 - 1)", "Path()"), id="a huge number"),
    pytest.param(12, Edit("tokens.py", "times and named", "True"), id="a claim of another type"),
]


@pytest.mark.parametrize(("number", "edit"), PLANTED)
def test_a_planted_fault_is_found(number: int, edit: Edit, serve: Serve) -> None:
    lesson = tree.lesson(number)
    apis = [serve(lesson, edit) for _ in range(SERVERS)]
    assert losses(apis, lesson, ALL)
