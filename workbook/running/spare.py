"""Making server processes from spares that wait, warm, for one job each: where there is no fork."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from workbook.running import contain
from workbook.running.events import Events
from workbook.running.job import Job
from workbook.running.launch import HERE, Address, Process, scrubbed


class SpareLauncher:
    """Makes servers from processes that wait, warm, for one job each: where there is no fork."""

    walls = contain.NONE

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare = self._prepare()
        self.homes: set[Path] = set()

    @property
    def pid(self) -> int:
        """The process that waits."""
        return self._spare.pid

    def sweep(self) -> None:
        """Do nothing: each process is ended with its group."""

    def _prepare(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "workbook.running.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=scrubbed(),
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
    port: int = 0

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
