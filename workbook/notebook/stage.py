"""A lesson's server, started from the notebook, and the cast who speak to it."""

from __future__ import annotations

import atexit
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import display as ipython_display

from workbook import tree
from workbook.grading.stored import Stored
from workbook.notebook.look import Picture, message
from workbook.notebook.record import recorder
from workbook.notebook.source import listing
from workbook.running.server import DoesNotStart, Launcher, Server, job_for, launcher
from workbook.talking.client import Client
from workbook.talking.exchange import Answer, Exchange, Request


@cache
def warm() -> Launcher:
    """Return the one launcher of this notebook."""
    return launcher()


if "ipykernel" in sys.modules:
    warm()  # at work while the first cell is read
_current: Live | None = None
_lesson: Live | None = None
_shown: set[str] = set()
WILD = tree.NOTEBOOKS / "wild"


class Live:
    """One lesson's running server with a data folder of its own, started again after each save."""

    def __init__(
        self, folder: Path, package: str, name: str, environment: dict[str, str], place: str = ""
    ) -> None:
        self.folder, self.package, self.name, self.place = folder, package, name, place
        home = Path(tempfile.mkdtemp(prefix="workbook-"))
        job = job_for(folder, package, home, {"PASSWORD_ROUNDS": "10"} | environment)
        self.server = Server(warm(), job, port=0, home=home)
        self.problem: DoesNotStart | None = None
        self._saved = self._files()
        self._start()

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return self.server.address.url

    def _files(self) -> dict[str, tuple[int, int]]:
        found = {}
        for path in sorted((self.folder / self.package).rglob("*.py")):
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

    @property
    def stored(self) -> Stored:
        """What it stored, in files or in its database."""
        environment = self.server.job.environment
        return Stored(Path(environment["DATA_DIR"]), environment.get("DATABASE_URL", ""))

    def send(self, method: str, path: str, caller: str, sent: dict[str, Any]) -> Exchange:
        """Send one request and record it."""
        self.refresh()
        if self.place:
            caller = f"{caller}, at {self.place}"
        if self.problem:
            problem = f"the server does not start: {self.problem}"
            seen = Exchange(Request(method, path), Answer(0, problem=problem), caller)
        else:
            client = Client(self.server.address)
            seen = client.send(method, path, caller=caller, **sent)
            client.close()
        recorder.add(seen)
        return seen

    def send_at_once(self, request: Request, caller: str, times: int) -> list[Exchange]:
        """Send one request several times, so that the server meets all of them at one moment."""
        self.refresh()
        met = Client(self.server.address).at_once([request] * times, self.server.held())
        seen = [replace(one, caller=caller) for one in met]
        for one in seen:
            recorder.add(one)
        return seen

    def close(self) -> None:
        """Stop it and remove its data."""
        self.server.close()

    def _picture(self) -> Picture:
        self.refresh()
        if self.problem:
            return message("red", "!", [f"{self.name} does not start.", str(self.problem)])
        return message("teal", "✓", [f"{self.name} is running."], link=f"{self.url}/docs")

    def _repr_html_(self) -> str:
        return self._picture()._repr_html_()

    def __repr__(self) -> str:
        return repr(self._picture())


def live(number: int | str, solution: bool = False, **environment: str) -> Live:
    """Serve lesson `number` from my files (or the answer), with empty data; the last one stops.

    Keyword arguments are environment variables of the server. Raises UnknownLesson.
    """
    lesson = tree.lesson(number)
    folder = tree.SOLUTIONS if solution else tree.played()
    return _serve(folder, lesson.package, f"Lesson {lesson.number}: {lesson.title}", environment)


def wild(name: str, **environment: str) -> None:
    """Serve one of the faulty apps in `notebooks/wild` in the lesson's place, and show its code.

    They do what published tutorials do. Raises ValueError, with the names that there are, for
    another name.
    """
    names = sorted(path.parent.name for path in WILD.glob("*/app.py"))
    if name not in names:
        raise ValueError(f"Nothing wild is called {name!r}. Names: {', '.join(names)}")
    served = _serve(WILD, name, f"Seen in the wild: {name.replace('_', ' ')}", environment)
    _display(served)
    if name not in _shown:
        _shown.add(name)
        _display(listing(WILD / name / "app.py"))


def _display(shown: object) -> None:
    ipython_display(shown)  # type: ignore[no-untyped-call]


def _serve(folder: Path, package: str, name: str, environment: dict[str, str]) -> Live:
    global _current, _lesson
    if _current:
        _current.close()
    _current = Live(folder, package, name, environment, package if folder == WILD else "")
    if folder != WILD:
        _lesson = _current
    return _current


def _stop() -> None:
    if _current:
        _current.close()
    if warm.cache_info().currsize:
        warm().close()


atexit.register(_stop)


def restart() -> Live:
    """Stop the live server as a power cut would, and start it again on the same data."""
    live = running()
    live.server.stop()
    live._start()
    return live


@contextmanager
def second_worker() -> Iterator[None]:
    """Let a second process of the live lesson answer meanwhile, with the same data and settings."""
    global _current
    first = running()
    environment = dict(first.server.job.environment)
    second = Live(first.folder, first.package, first.name, environment, "the second worker")
    _current = second
    try:
        yield
    finally:
        _current = first
        second.close()


def running() -> Live:
    """Return the server that is live. Raises RuntimeError when there is none."""
    if _current is None:
        raise RuntimeError("No server is running yet: call live(N) first.")
    return _current


def lesson_running() -> Live:
    """Return the lesson that was live last, whatever wild app came after it."""
    return _lesson or running()


def stored(file: str, content: Any = ...) -> Any:
    """Return what the live lesson keeps in a file of its data folder: JSON as objects, else text.

    With `content` the file is replaced first, as another process of the service would do it.
    None when there is no such file.
    """
    path = Path(running().server.job.environment["DATA_DIR"]) / file
    if content is not ...:
        path.write_text(json.dumps(content), "utf-8")
    if not path.is_file():
        return None
    text = path.read_text("utf-8")
    try:
        return json.loads(text)
    except ValueError:
        return text
