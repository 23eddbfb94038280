"""Making server processes: by forking a warm one, or from spares that wait."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

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
    """A running server process, however it was made."""

    events: Events

    def status(self) -> int | None:
        """Return the exit code, minus a signal's number, or None while it runs."""

    def kill(self) -> int | None:
        """End it and all that it started; return how it ended."""

    def signal(self, number: int) -> None:
        """Send it a signal; to a process that has ended nothing happens."""


class Launcher(Protocol):
    """A way of making server processes."""

    def start(self, job: Job, address: Address) -> Process:
        """Start the job's server; what it tells arrives in the process's `events`."""

    def close(self) -> None:
        """End the launcher and everything that it started."""


TEXTS = ("kind", "message", "file")


class Events:
    """What a server process tells, in its order; `over` once it can tell no more."""

    def __init__(self, pipe: IO[str] | None = None) -> None:
        self.over = False
        self._told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        if pipe:
            threading.Thread(target=self._listen, args=(pipe,), daemon=True).start()

    def _listen(self, pipe: IO[str]) -> None:
        with pipe:
            for line in pipe:
                with contextlib.suppress(ValueError, RecursionError):
                    if event := _sound(json.loads(line)):
                        self._told.put(event)
        self.over = True
        self._told.put({"event": "gone"})

    def next(self, seconds: float) -> dict[str, Any]:
        """Return the next thing told; `silent` when nothing is told within these seconds."""
        try:
            return self._told.get(timeout=seconds)
        except queue.Empty:
            return {"event": "silent"}

    def forget(self) -> None:
        """Drop what was told so far and not read."""
        while not self._told.empty():
            self._told.get()


def _sound(told: object) -> dict[str, Any] | None:
    """Return an event with what has the right form of it: a submission can write here too."""
    if not isinstance(told, dict) or told.get("event") not in ("ready", "broken", "error"):
        return None
    texts = {name: told[name][:300] for name in TEXTS if isinstance(told.get(name), str)}
    numbers = {name: told[name] for name in ("line", "port") if type(told.get(name)) is int}
    return {"event": told["event"], "line": 0, "port": 0, **texts, **numbers}


class Lost(Exception):
    """The warm process has ended or hangs: something killed or stopped it."""


def _scrubbed() -> dict[str, str]:
    """Return the few variables that a Python process needs, and none of the user's own."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "PYTHONWARNINGS")
    # A set's order shows in some answers, and a report must not differ from run to run.
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONHASHSEED": "0"}


class ForkLauncher:
    """Makes servers by forking a warm process (see `workbook.running.zygote`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._warm_up()

    def _warm_up(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(ANSWER_SECONDS)
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "workbook.running.zygote"],
            stdin=theirs.fileno(),
            env=_scrubbed(),
            cwd=HERE,
            start_new_session=True,
        )
        theirs.close()

    def ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        """Send one request and return its answer. Raises Lost."""
        line = json.dumps(request).encode() + b"\n"
        try:
            with self._lock:
                if descriptors:
                    socket.send_fds(self._control, [line], descriptors)
                else:
                    self._control.sendall(line)
                answer = b""
                while not answer.endswith(b"\n"):
                    received = self._control.recv(65536)
                    if not received:
                        raise Lost("the warm process has ended")
                    answer += received
        except OSError as error:
            raise Lost(f"the warm process does not answer ({error})") from error
        return dict(json.loads(answer))

    def start(self, job: Job, address: Address) -> Process:
        """Fork a server for the job, from a new warm process if the old one was lost."""
        listening = _bind(address)
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
        return _Forked(self, pid, Events(os.fdopen(reading, encoding="utf-8", errors="replace")))

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
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
                self.ended = -signal.SIGKILL
        return self.ended


class SpareLauncher:
    """Makes servers from processes that wait, warm, for one job each: where there is no fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare = self._prepare()

    def _prepare(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "workbook.running.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_scrubbed(),
            cwd=HERE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

    def start(self, job: Job, address: Address) -> Process:
        """Give the job to the waiting process and warm up the next."""
        with self._lock:
            process = self._spare
            self._spare = self._prepare()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(replace(job, port=address.port).to_json().decode())
        process.stdin.flush()
        return _Spawned(process, Events(process.stdout))

    def close(self) -> None:
        """End the waiting process."""
        _Spawned(self._spare, Events(self._spare.stdout)).kill()


@dataclass
class _Spawned:
    process: subprocess.Popen[str]
    events: Events

    def status(self) -> int | None:
        return self.process.poll()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> int | None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        return self.process.wait()


def launcher() -> Launcher:
    """Return the fastest launcher that this system has (`WORKBOOK_FORK=0` turns forking off)."""
    if CAN_FORK and os.environ.get("WORKBOOK_FORK", "1") != "0":
        return ForkLauncher()
    return SpareLauncher()
