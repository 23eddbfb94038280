"""Starting, restarting and stopping a lesson's server from the outside."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Protocol

from workbook.running.job import Job, listen_on

START_SECONDS = 10.0
"""How long an app may take from its first import to its first accepted connection."""

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "recv_fds")


class DoesNotStart(Exception):
    """The lesson's app cannot be served. `timed_out` tells a hang from a fault."""

    def __init__(self, message: str, *, where: str = "", timed_out: bool = False) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message, self.where, self.timed_out = message, where, timed_out


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

    events: queue.SimpleQueue[dict[str, Any]]

    def status(self) -> int | None:
        """Return the exit code, minus a signal's number, or None while it runs."""

    def kill(self) -> int | None:
        """End it and all that it started; return how it ended."""


class Launcher(Protocol):
    """A way of making server processes."""

    def start(self, job: Job, address: Address) -> Process:
        """Start the job's server; what it tells arrives in the process's `events`."""

    def close(self) -> None:
        """End the launcher and everything that it started."""


def _listen(pipe: IO[str], events: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Put each line that the server tells into the queue, and `gone` at its end."""
    with pipe:
        for line in pipe:
            with contextlib.suppress(ValueError, AttributeError):
                events.put(dict(json.loads(line).items()))
    events.put({"event": "gone"})


def _events_of(pipe: IO[str]) -> queue.SimpleQueue[dict[str, Any]]:
    events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, events), daemon=True).start()
    return events


def _scrubbed() -> dict[str, str]:
    """Return the few variables that a Python process needs, and none of the user's own."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "PYTHONWARNINGS")
    return {name: os.environ[name] for name in kept if name in os.environ}


class ForkLauncher:
    """Makes servers by forking a warm process (see `workbook.running.zygote`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "workbook.running.zygote"],
            stdin=theirs.fileno(),
            env=_scrubbed(),
            start_new_session=True,
        )
        theirs.close()

    def ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        """Send one request and return its answer."""
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            if descriptors:
                socket.send_fds(self._control, [line], descriptors)
            else:
                self._control.sendall(line)
            answer = b""
            while not answer.endswith(b"\n"):
                received = self._control.recv(65536)
                if not received:
                    raise RuntimeError("the warm process has ended")
                answer += received
        return dict(json.loads(answer))

    def start(self, job: Job, address: Address) -> Process:
        """Fork a server for the job."""
        listening = _bind(address)
        reading, writing = os.pipe()
        try:
            request = {"do": "start", "job": job.to_json().decode()}
            pid = self.ask(request, [listening.fileno(), writing])["pid"]
        finally:
            os.close(writing)
            listening.close()
        return _Forked(self, pid, _events_of(os.fdopen(reading, encoding="utf-8")))

    def close(self) -> None:
        """End the warm process; it ends its children first."""
        self._control.close()
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
    events: queue.SimpleQueue[dict[str, Any]]
    ended: int | None = None

    def status(self) -> int | None:
        return self._ask("status")

    def kill(self) -> int | None:
        return self._ask("stop")

    def _ask(self, what: str) -> int | None:
        if self.ended is None:
            self.ended = self.launcher.ask({"do": what, "pid": self.pid})["status"]
        return self.ended


class SpareLauncher:
    """Makes servers from processes that wait, warm, for one job each: where there is no fork."""

    def __init__(self) -> None:
        self._spare = self._prepare()

    def _prepare(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "workbook.running.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_scrubbed(),
            encoding="utf-8",
            start_new_session=True,
        )

    def start(self, job: Job, address: Address) -> Process:
        """Give the job to the waiting process and warm up the next."""
        process = self._spare
        self._spare = self._prepare()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(replace(job, port=address.port).to_json().decode())
        process.stdin.flush()
        return _Spawned(process, _events_of(process.stdout))

    def close(self) -> None:
        """End the waiting process."""
        _Spawned(self._spare, queue.SimpleQueue()).kill()


@dataclass
class _Spawned:
    process: subprocess.Popen[str]
    events: queue.SimpleQueue[dict[str, Any]]

    def status(self) -> int | None:
        return self.process.poll()

    def kill(self) -> int | None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
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


@dataclass
class Server:
    """One lesson's server: its process, where it listens, and the folder that it owns.

    The data folder outlives `stop`, so that a restart finds it again; `close` removes it.
    """

    launcher: Launcher
    job: Job
    port: int | None = None
    start_seconds: float = START_SECONDS
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="workbook-")))
    address: Address = field(init=False, default_factory=Address)
    process: Process | None = field(init=False, default=None)
    starts: int = field(init=False, default=0)

    @property
    def log(self) -> str:
        """All that the server's processes have printed so far."""
        path = Path(self.job.log)
        return path.read_text("utf-8", "replace") if path.is_file() else ""

    def start(self) -> None:
        """Start the server and wait until it serves, or raise DoesNotStart."""
        self.starts += 1
        forks = isinstance(self.launcher, ForkLauncher)
        if forks and self.port is None:
            self.address = Address(path=str(self.home / f"{self.starts}.sock"))
        else:
            self.address = Address(port=self.port or 0)
        self.process = self.launcher.start(self.job, self.address)
        event = self.next_event(self.start_seconds)
        if event["event"] == "ready":
            if not self.address.path:
                self.address = Address(port=int(event["port"]))
            return
        status = self.stop()
        raise _cause(event, status, self.start_seconds)

    def next_event(self, seconds: float) -> dict[str, Any]:
        """Return the next thing that the server tells, or `silent` when it tells nothing."""
        assert self.process is not None
        try:
            return self.process.events.get(timeout=seconds)
        except queue.Empty:
            return {"event": "silent"}

    def stop(self) -> int | None:
        """End the process and its children at once, as a power cut would."""
        return self.process.kill() if self.process else None

    def restart(self, **environment: str) -> None:
        """Stop and start again on the same data, with the variables given changed."""
        self.stop()
        self.job = replace(self.job, environment=self.job.environment | environment)
        self.start()

    def close(self) -> None:
        """Stop and remove the server's folder."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def _cause(event: dict[str, Any], status: int | None, seconds: float) -> DoesNotStart:
    if event["event"] == "broken":
        kind, message = str(event.get("kind", "")), str(event.get("message", ""))
        told = ": ".join(part for part in (kind if kind != "Broken" else "", message) if part)
        where = f"{event['file']}:{event['line']}" if "file" in event else ""
        return DoesNotStart(told, where=where)
    if event["event"] == "silent":
        return DoesNotStart(f"it did not serve within {seconds:g} s of its start", timed_out=True)
    return DoesNotStart(f"its process ended by itself (status {status}) before it served")


def job_for(folder: Path, package: str, home: Path, environment: dict[str, str]) -> Job:
    """Return the job that runs `package` of the lessons folder with data of its own in `home`.

    `PASSWORD_ROUNDS` is 4, the cheapest that bcrypt has, unless `environment` says otherwise;
    `SECRET_KEY` is made anew.
    """
    settings = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(home),
        "DATA_DIR": str(home / "data"),
        "SECRET_KEY": secrets.token_hex(32),
        "PASSWORD_ROUNDS": "4",
    }
    if "PYTHONWARNINGS" in os.environ:
        settings["PYTHONWARNINGS"] = os.environ["PYTHONWARNINGS"]
    return Job(
        folder=str(folder.resolve()),
        room="lessons" if folder.name != "solutions" else "solutions",
        package=package,
        environment=settings | environment,
        directory=str(home),
        log=str(home / "log.txt"),
    )
