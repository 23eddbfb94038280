"""Making server processes by forking a warm one; where there is no fork, see `spare`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workbook.running import contain
from workbook.running.events import Events
from workbook.running.job import Job, listen_on

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "recv_fds")
ANSWER_SECONDS = 60.0
"""How long the warm process may take for an answer, the time of its imports included."""
HERE = Path(__file__).resolve().parents[2]
"""Where `workbook` stands: warm processes start here, whatever lies in the learner's directory."""


@dataclass(frozen=True)
class Address:
    """Where a server listens: a Unix socket's path, or a port on 127.0.0.1."""

    path: str = ""
    port: int = 0

    @property
    def url(self) -> str:
        """The address as a browser wants it; for a Unix socket the usual development one."""
        return f"http://127.0.0.1:{self.port or 8000}"


class Process(Protocol):
    """A running server process, however it was made; `port` is 0 where it alone knows it."""

    events: Events
    port: int

    def status(self) -> int | None:
        """Return the exit code, minus a signal's number, or None while it runs."""

    def kill(self) -> int | None:
        """End it and all that it started; return how it ended."""

    def signal(self, number: int) -> None:
        """Send it a signal; to a process that has ended nothing happens."""


class Launcher(Protocol):
    """A way of making server processes; `walls` stand around what it runs.

    `homes` are the folders that its servers may write since the last `sweep`, where there are
    walls.
    """

    walls: contain.Walls
    homes: set[Path]

    @property
    def pid(self) -> int:
        """The process that the servers come from."""

    def start(self, job: Job, address: Address) -> Process:
        """Start the job's server; what it tells arrives in the process's `events`."""

    def sweep(self) -> None:
        """End everything that the servers so far have left behind."""

    def close(self) -> None:
        """End the launcher and everything that it started."""


class Lost(Exception):
    """The warm process has ended or hangs: something killed or stopped it."""


def scrubbed() -> dict[str, str]:
    """Return the few variables that a Python process needs, and none of the user's own."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "PYTHONWARNINGS")
    found = {name: os.environ[name] for name in (*kept, "WORKBOOK_RUNG") if name in os.environ}
    # A set's order shows in some answers, and a report must not differ from run to run.
    return found | {"PYTHONHASHSEED": "0"}


class ForkLauncher:
    """Makes servers by forking a warm process (see `workbook.running.zygote`)."""

    def __init__(self, *, contained: bool = False) -> None:
        """Start the warm process; a contained one puts walls around each of its children."""
        self._lock = threading.Lock()
        self._contained = contained
        self.walls = contain.NONE
        self.homes: set[Path] = set()
        self._warm_up()

    @property
    def pid(self) -> int:
        """The warm process."""
        return self._zygote.pid

    def _warm_up(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(ANSWER_SECONDS)
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "workbook.running.zygote"]
            + (["--contained"] if self._contained else []),
            stdin=theirs.fileno(),
            env=scrubbed(),
            cwd=HERE,
            start_new_session=True,
        )
        theirs.close()
        if self._contained:
            self.walls = contain.Walls.from_json(self._line())

    def _line(self) -> bytes:
        """Return the next line that the warm process says. Raises Lost."""
        line = b""
        while not line.endswith(b"\n"):
            received = self._control.recv(65536)
            if not received:
                raise Lost("the warm process has ended")
            line += received
        return line

    def ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        """Send one request and return its answer. Raises Lost."""
        line = json.dumps(request).encode() + b"\n"
        try:
            with self._lock:
                if descriptors:
                    socket.send_fds(self._control, [line], descriptors)
                else:
                    self._control.sendall(line)
                answer = self._line()
        except OSError as error:
            raise Lost(f"the warm process does not answer ({error})") from error
        return dict(json.loads(answer))

    def start(self, job: Job, address: Address) -> Process:
        """Fork a server for the job, from a new warm process if the old one was lost."""
        if self._contained:
            job = contain.moved_in(job, self.walls)
            self.homes.add(Path(job.directory))
        listening = _bind(address)
        port = 0 if address.path else listening.getsockname()[1]
        reading, writing = os.pipe()
        request = {"do": "start", "job": job.to_json().decode()}
        try:
            try:
                pid = self.ask(request, [listening.fileno(), writing])["pid"]
            except Lost:
                self.close()
                self._warm_up()
                pid = self.ask(request, [listening.fileno(), writing])["pid"]
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
            listening.close()
        told = Events(os.fdopen(reading, encoding="utf-8", errors="replace"))
        return _Forked(self, pid, told, port)

    def sweep(self) -> None:
        """End everything that the servers so far have left behind."""
        with contextlib.suppress(Lost):
            self.ask({"do": "sweep"})
        self.homes.clear()

    def close(self) -> None:
        """End the warm process; it ends its children first."""
        self._control.close()
        try:
            self._zygote.wait(ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()


def _bind(address: Address) -> socket.socket:
    if address.path:
        Path(address.path).unlink(missing_ok=True)  # on rung A a submission may lay traps here
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(address.path)
        listening.listen(128)
        return listening
    return listen_on(address.port)


@dataclass
class _Forked:
    launcher: ForkLauncher
    pid: int
    events: Events
    port: int
    ended: int | None = None

    def status(self) -> int | None:
        # Asking costs a switch of processes, and a process that can still tell is alive.
        return self._ask("status") if self.events.over else None

    def kill(self) -> int | None:
        return self._ask("stop")

    def signal(self, number: int) -> None:
        self.launcher.ask({"do": "signal", "pid": self.pid, "signal": number})

    def _ask(self, what: str) -> int | None:
        if self.ended is None:
            try:
                self.ended = self.launcher.ask({"do": what, "pid": self.pid})["status"]
            except Lost:
                if self.launcher.walls is contain.NONE:  # else its number is another's out here
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(self.pid, signal.SIGKILL)
                self.ended = -signal.SIGKILL
        return self.ended


def launcher(*, contained: bool = False) -> Launcher:
    """Return the fastest launcher that this system has (`WORKBOOK_FORK=0` turns forking off).

    A contained one puts walls around the code that it runs; `walls` says which.
    """
    if CAN_FORK and os.environ.get("WORKBOOK_FORK", "1") != "0":
        return ForkLauncher(contained=contained)
    from workbook.running.spare import SpareLauncher

    return SpareLauncher()
