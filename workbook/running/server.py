"""Starting, restarting and stopping a lesson's server from the outside."""

from __future__ import annotations

import os
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbook.running.folders import INSIDE, remove
from workbook.running.job import Job
from workbook.running.launch import Address, ForkLauncher, Launcher, Process, launcher

__all__ = ["Address", "DoesNotStart", "Launcher", "Server", "job_for", "launcher"]

START_SECONDS = 10.0
"""How long an app may take from its first import to its first accepted connection."""

SOCKET_PATH = 100
"""How long the path of a Unix socket may be; systems differ a little."""


class DoesNotStart(Exception):
    """The lesson's app cannot be served. `timed_out` tells a hang from a fault."""

    def __init__(self, message: str, *, where: str = "", timed_out: bool = False) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message, self.where, self.timed_out = message, where, timed_out


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

    @property
    def url(self) -> str:
        """Its address for people; without a port of its own, the one that `serve` will have."""
        return (self.address if self.port is not None else Address()).url

    def start(self) -> None:
        """Start the server and wait until it serves, or raise DoesNotStart."""
        self.starts += 1
        Path(self.job.directory).mkdir(parents=True, exist_ok=True)
        forks = isinstance(self.launcher, ForkLauncher)
        path = str(self.home / f"{self.starts}.sock")
        if forks and self.port is None and len(os.fsencode(path)) < SOCKET_PATH:
            self.address = Address(path=path)
        else:
            self.address = Address(port=self.port or 0)
        self.process = self.launcher.start(self.job, self.address)
        event = self.next_event(self.start_seconds)
        if event["event"] == "ready":
            if not self.address.path:
                assert self.process is not None
                # Where the socket was bound here, nobody else is asked for its port.
                self.address = Address(port=self.process.port or int(event["port"]))
            return
        status = self.stop()
        raise _cause(event, status, self.start_seconds)

    def next_event(self, seconds: float) -> dict[str, Any]:
        """Return the next thing that the server tells, or `silent` when it tells nothing."""
        assert self.process is not None
        return self.process.events.next(seconds)

    def forget_events(self) -> None:
        """Drop what the server has told so far."""
        assert self.process is not None
        self.process.events.forget()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stop the clock of the server's process meanwhile, where the system can do that.

        What is sent while it is held it meets all at one moment.
        """
        if not self.process or not hasattr(signal, "SIGSTOP"):
            yield
            return
        self.process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.signal(signal.SIGCONT)

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
        remove(self.home)


def _cause(event: dict[str, Any], status: int | None, seconds: float) -> DoesNotStart:
    if event["event"] == "broken":
        kind, message = str(event.get("kind", "")), str(event.get("message", ""))
        told = ": ".join(part for part in (kind if kind != "Broken" else "", message) if part)
        where = f"{event['file']}:{event['line']}" if "file" in event else ""
        return DoesNotStart(told, where=where)
    if event["event"] == "silent":
        return DoesNotStart(f"it did not serve within {seconds:g} s of its start", timed_out=True)
    if event["flooded"]:
        return DoesNotStart("it wrote without end to the grader's own pipe")
    return DoesNotStart(f"its process ended by itself (status {status}) before it served")


def job_for(folder: Path, package: str, home: Path, environment: dict[str, str]) -> Job:
    """Return the job that runs `package` of the lessons folder with data of its own in `home`.

    `PASSWORD_ROUNDS` is 4, the cheapest that bcrypt has, unless `environment` says otherwise;
    `SECRET_KEY` and `ADMIN_PASSWORD` are made anew.
    """
    inside = home / INSIDE
    settings = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(inside),
        "TMPDIR": str(inside),
        "DATA_DIR": str(inside / "data"),
        "SECRET_KEY": secrets.token_hex(32),
        "PASSWORD_ROUNDS": "4",
        "ADMIN_PASSWORD": secrets.token_urlsafe(12),
    }
    if "PYTHONWARNINGS" in os.environ:
        settings["PYTHONWARNINGS"] = os.environ["PYTHONWARNINGS"]
    return Job(
        folder=str(folder.resolve()),
        room="lessons" if folder.name != "solutions" else "solutions",
        package=package,
        environment=settings | environment,
        directory=str(inside),
        log=str(home / "log.txt"),
    )
