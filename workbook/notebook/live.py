"""A lesson's server, started from the notebook, and the cast who speak to it."""

from __future__ import annotations

import atexit
import json
import tempfile
from pathlib import Path
from typing import Any

from workbook import starters, tree
from workbook.attacking.attacks import Result, attacks, run
from workbook.grading.api import Api
from workbook.grading.messages import SYMBOLS
from workbook.grading.report import Report, grade
from workbook.learning.progress import Progress
from workbook.notebook.cards import Card
from workbook.notebook.look import Picture, escape, line, wrap
from workbook.notebook.record import recorder
from workbook.running.server import DoesNotStart, Server, job_for, launcher
from workbook.talking.client import Client
from workbook.talking.exchange import Answer, Exchange, Request

_warm = launcher()  # at work while the first cell is read
atexit.register(_warm.close)
_current: Live | None = None


def _message(colour: str, sign: str, lines: list[str]) -> Picture:
    rows = "".join(f'<div class="wb-mono">{escape(row)}</div>' for row in lines[1:])
    head = f'<div class="wb-{colour} wb-title">{escape(f"{sign} {lines[0]}")}</div>'
    text = [f"{sign} {lines[0]}", *lines[1:]]
    return Picture(head + rows, "\n".join(row for one in text for row in wrap(line(one))))


class Live:
    """One lesson's running server with a data folder of its own, started again after each save."""

    def __init__(self, lesson: tree.Lesson, folder: Path, environment: dict[str, str]) -> None:
        self.lesson, self.folder = lesson, folder
        home = Path(tempfile.mkdtemp(prefix="workbook-"))
        job = job_for(folder, lesson.package, home, {"PASSWORD_ROUNDS": "10"} | environment)
        self.server = Server(_warm, job, port=0, home=home)
        self.problem: DoesNotStart | None = None
        self._saved = self._files()
        self._start()

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return self.server.address.url

    def _files(self) -> dict[str, tuple[int, int]]:
        found = {}
        for path in sorted((self.folder / self.lesson.package).rglob("*.py")):
            state = path.stat()
            found[str(path)] = (state.st_mtime_ns, state.st_size)
        return found

    def _start(self) -> None:
        self.problem = None
        try:
            self.server.start()
        except DoesNotStart as error:
            self.problem = error
            return
        self.server.port = self.server.address.port  # the same address after a restart

    def refresh(self) -> None:
        """Start the server again if a file of the lesson was saved since."""
        files = self._files()
        if files != self._saved:
            self._saved = files
            self.server.stop()
            self._start()

    def send(self, method: str, path: str, caller: str, sent: dict[str, Any]) -> Exchange:
        """Send one request and record it."""
        self.refresh()
        if self.problem:
            problem = f"the server does not start: {self.problem}"
            seen = Exchange(Request(method, path), Answer(0, problem=problem), caller)
        else:
            client = Client(self.server.address)
            seen = client.send(method, path, caller=caller, **sent)
            client.close()
        recorder.add(seen)
        return seen

    def close(self) -> None:
        """Stop it and remove its data."""
        self.server.close()

    def _picture(self) -> Picture:
        self.refresh()
        title = f"Lesson {self.lesson.number}: {self.lesson.title}"
        if self.problem:
            return _message("red", "!", [f"{title} does not start.", str(self.problem)])
        return _message("teal", "✓", [f"{title} is running.", f"In the browser: {self.url}/docs"])

    def _repr_html_(self) -> str:
        return self._picture()._repr_html_()

    def __repr__(self) -> str:
        return repr(self._picture())


def live(number: int | str, solution: bool = False, **environment: str) -> Live:
    """Serve lesson `number` from my files (or the answer), with empty data; the last one stops.

    Keyword arguments are environment variables of the server. Raises UnknownLesson.
    """
    global _current
    lesson = tree.lesson(number)
    if _current:
        _current.close()
    _current = Live(lesson, tree.SOLUTIONS if solution else tree.played(), environment)
    return _current


def _stop() -> None:
    if _current:
        _current.close()


atexit.register(_stop)  # runs before the launcher is closed


def _running() -> Live:
    if _current is None:
        raise RuntimeError("No server is running yet: call live(N) first.")
    return _current


class Caller:
    """One of the cast: sends requests to the lesson that is live, under her or his name."""

    def __init__(self, name: str, full_name: str, password: str) -> None:
        self.username = name
        self.full_name = full_name
        self.email = f"{name}@example.com"
        self.password = password
        self.token = ""

    @property
    def credentials(self) -> dict[str, str]:
        """Name and password, as a login wants them."""
        return {"username": self.username, "password": self.password}

    @property
    def registration(self) -> dict[str, str]:
        """The body that opens an account."""
        return {"email": self.email, "full_name": self.full_name, **self.credentials}

    def call(self, method: str, path: str, **sent: Any) -> Card:
        """Send one request; it may carry params, json, form, body, headers and token."""
        return Card(_running().send(method, path, self.username, sent))

    def get(self, path: str, **sent: Any) -> Card:
        """Send a GET request."""
        return self.call("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> Card:
        """Send a POST request."""
        return self.call("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> Card:
        """Send a PUT request."""
        return self.call("PUT", path, **sent)

    def delete(self, path: str, **sent: Any) -> Card:
        """Send a DELETE request."""
        return self.call("DELETE", path, **sent)

    def sign_up(self) -> Card:
        """Open an account: POST /register."""
        return self.post("/register", json=self.registration)

    def sign_in(self) -> Card:
        """Log in: POST /login. The access token, if one comes, is kept in `token`."""
        card = self.post("/login", json=self.credentials)
        body = card.json
        self.token = str(body.get("access_token", "")) if isinstance(body, dict) else ""
        return card


alice = Caller("alice", "Alice Amsel", "violin-in-winter")
bob = Caller("bob", "Bob Brandt", "seven-green-kites")
mallory = Caller("mallory", "Mallory Moor", "i-read-your-mail")
olga = Caller("olga", "Olga Orlow", "keeper-of-the-keys")


def stored(file: str, content: Any = ...) -> Any:
    """Return what the live lesson keeps in a file of its data folder: JSON as objects, else text.

    With `content` the file is replaced first, as another process of the service would do it.
    None when there is no such file.
    """
    path = Path(_running().server.job.environment["DATA_DIR"]) / file
    if content is not ...:
        path.write_text(json.dumps(content), "utf-8")
    if not path.is_file():
        return None
    text = path.read_text("utf-8")
    try:
        return json.loads(text)
    except ValueError:
        return text


class Raided:
    """How an attack from the workbook's collection ended, with its last exchanges."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.cards = [Card(exchange) for exchange in result.exchanges]

    def _picture(self) -> Picture:
        result = self.result
        if result.word == "open":
            lines = [f"The attack works: {result.attack.title}", result.loot]
            return _message("red", "✗", lines)
        if result.word == "refused":
            lines = [f"Refused: {result.attack.title}", "The attacker got nothing."]
            return _message("teal", "✓", lines)
        return _message("orange", "·", [f"Nothing to attack yet: {result.loot}"])

    def _repr_html_(self) -> str:
        shown = "".join(card._repr_html_() for card in self.cards[-1:])
        return self._picture()._repr_html_() + shown

    def __repr__(self) -> str:
        return "\n".join([repr(self._picture()), *(repr(card) for card in self.cards[-1:])])


def attack(name: str) -> Raided:
    """Run an attack of the workbook's collection against the lesson that is live."""
    known = {one.name: one for one in attacks()}
    if name not in known:
        raise ValueError(f"No attack is called {name!r}. Names: {', '.join(known)}")
    running = _running()
    running.refresh()
    api = Api(running.server)
    result = run(known[name], api)
    api.close_client()
    for exchange in result.exchanges:
        recorder.add(exchange)
    return Raided(result)


class Checked:
    """The verdict of the graded checks on one lesson."""

    def __init__(self, report: Report, untouched: bool) -> None:
        self.report, self.untouched = report, untouched

    def _lines(self) -> list[tuple[str, str]]:
        colours = {"passed": "teal", "failed": "red", "broken": "red", "timed out": "red"}
        return [
            (
                colours.get(outcome.word, "quiet"),
                f"{SYMBOLS[outcome.word]} {outcome.check.title}"
                + ("" if outcome.passed else f" ({outcome.word})"),
            )
            for outcome in self.report.outcomes
        ]

    @property
    def _headline(self) -> str:
        points = f"{self.report.points} of {self.report.max_points} points"
        if self.report.done:
            return f"Everything holds: {points}"
        return f"Not yet: {points}" if self.untouched else points

    def _repr_html_(self) -> str:
        rows = "".join(f'<div class="wb-{hue}">{escape(text)}</div>' for hue, text in self._lines())
        first = ""
        if self.report.first:
            first = (
                '<div class="wb-panel"><div class="wb-small">Look at this first</div>'
                f'<pre class="wb-mono">{escape(self.report.message())}</pre></div>'
            )
        head = f'<div class="wb-title">{escape(self._headline)}</div>'
        return Picture(head + rows + first, "")._repr_html_()

    def __repr__(self) -> str:
        rows = [self._headline, *(text for _, text in self._lines())]
        if self.report.first:
            rows += ["", "Look at this first:", *self.report.message().splitlines()]
        return "\n".join(row for text in rows for row in wrap(text))


def check(number: int | str) -> Checked:
    """Run the graded checks of lesson `number` on my files, as the command and pytest do."""
    lesson = tree.lesson(number)
    folder = tree.played()
    report = grade(lesson, folder, _warm)
    mine = folder == tree.LESSONS
    if mine:
        Progress().record(report)
    return Checked(report, mine and starters.state(lesson) == "untouched")
