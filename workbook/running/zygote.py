"""A warm process that forks one fresh child for each server it is asked for.

Its parent speaks over a Unix socket on standard input, one JSON line a request and one an answer:
`start` (with the listening socket and the report pipe as descriptors), `status`, `signal`, `stop`.
It holds no checks, so a submission finds none in its memory.

A fork copies each page of memory when it first writes to it, and that takes a third of a server's
start. So forks are made ahead while nothing runs: they write to those pages and wait for a job.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any, NamedTuple

from workbook.running import child, contain, processes
from workbook.running.job import Job
from workbook.running.warm import exercise, warm_up

DESCRIPTORS = 2
AHEAD = 2
"""How many forks wait: for a submission's server, and for one beside it."""
END_SECONDS = 5.0
"""How long a killed child may take; one that another one traces ends with that one alone."""
IDLE = 0.02
"""After so many seconds without a request they are made."""


class Fork(NamedTuple):
    """A child, and the socket on which it gets its job."""

    pid: int
    line: socket.socket


class Zygote:
    """Answers one parent until it closes the socket; then leaves no child behind."""

    def __init__(self, control: socket.socket, most_ahead: int) -> None:
        self.control, self.most_ahead = control, most_ahead
        self.null = os.open(os.devnull, os.O_RDWR)
        self.children: set[int] = set()
        self.ahead: list[Fork] = []

    def serve(self) -> None:
        """Answer one request after the other, and make forks ahead while there is none."""
        with contextlib.suppress(OSError):  # the parent is gone, or a fork that waited
            while True:
                while len(self.ahead) < self.most_ahead and not self.children and self._is_idle():
                    self.ahead.append(self._fork())
                line, descriptors = _receive(self.control)
                if not line:
                    break
                answer = self._answer(json.loads(line), descriptors)
                self.control.sendall(json.dumps(answer).encode() + b"\n")
                if not self.children:  # what a submission could have harmed serves no other one
                    self._end_ahead()
        self._sweep()  # also what has left its server's group: the parent may be dead
        self._end_ahead()

    def _is_idle(self) -> bool:
        return not select.select([self.control], [], [], IDLE)[0]

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        if request["do"] == "start":
            pid = self._start(request["job"].encode(), descriptors)
            self.children.add(pid)
            return {"pid": pid}
        if request["do"] == "sweep":
            return self._sweep()
        if request["do"] == "signal":
            return _send(request["pid"], request["signal"])
        answer = _look(request["pid"], kill=request["do"] == "stop")
        if answer["status"] is None and request["do"] == "stop":
            self._sweep()
            return {"status": -signal.SIGKILL}
        if answer["status"] is not None:
            self.children.discard(request["pid"])
        return answer

    def _sweep(self) -> dict[str, Any]:
        """End everything that a submission has left behind."""
        self._end_ahead()
        processes.end_descendants()  # all at once: one may trace another, which then never ends
        if not sys.platform.startswith("linux"):  # there nobody tells who is below
            for pid in self.children:
                _look(pid, kill=True)
        self.children.clear()
        return {}

    def _start(self, job: bytes, descriptors: list[int]) -> int:
        """Give the job to a fork and return its number."""
        if self.ahead:
            fork = self.ahead.pop()
            socket.send_fds(fork.line, [job], descriptors)
        else:
            fork = self._fork(job, descriptors)
        fork.line.close()
        for descriptor in descriptors:
            os.close(descriptor)
        return fork.pid

    def _fork(self, job: bytes = b"", descriptors: Sequence[int] = ()) -> Fork:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            for line in (ours, *(other.line for other in self.ahead)):
                line.close()
            self._become(theirs, job, descriptors)
        theirs.close()
        return Fork(pid, ours)

    def _become(self, line: socket.socket, job: bytes, descriptors: Sequence[int]) -> None:
        """Turn this fresh fork into the server of a job; it never returns to the loop above."""
        status = 1
        try:
            os.setsid()
            self.control.detach()
            os.dup2(self.null, 0)
            sys.stdin = os.fdopen(0, closefd=False)
            if not job:
                exercise()
                job, descriptors = _receive(line)
            line.close()
            if job:
                listening, report = descriptors
                with os.fdopen(report, "w", encoding="utf-8") as told:
                    child.run(Job.from_json(job), socket.socket(fileno=listening), told)
            status = 0
        except BaseException:  # nothing of the lesson may run on in the parent's loop
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):  # the lesson may have closed them
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _end_ahead(self) -> None:
        while self.ahead:
            fork = self.ahead.pop()
            fork.line.close()
            _look(fork.pid, kill=True)


def main() -> None:
    """Warm up, serve, and end at once: taking hundreds of modules down would take time."""
    contained = "--contained" in sys.argv
    walls = _walls_up() if contained else contain.NONE
    control = socket.socket(fileno=0)
    warm_up()
    if contained:
        processes.hide()
        control.sendall(json.dumps(walls.to_dict()).encode() + b"\n")
    # Behind walls none waits: a submission would find it among its own processes.
    Zygote(control, 0 if contained else AHEAD).serve()
    os._exit(0)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    """Return the next line and the descriptors with it; an empty line at the end."""
    line, descriptors, _, _ = socket.recv_fds(control, 65536, DESCRIPTORS)
    while line and not line.endswith(b"\n"):
        line += control.recv(65536)
    return line, descriptors


def _walls_up() -> contain.Walls:
    """Put up what stands around all children, and tell what will stand around each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a child may send it here
    apart = contain.split_off()
    if apart and (first := os.fork()):
        # This process is outside still; the one inside is the first of its namespace.
        os.close(0)
        _, status = os.waitpid(first, 0)
        os._exit(abs(os.waitstatus_to_exitcode(status)))
    if apart:
        processes.die_with_parent()
    else:
        processes.adopt_orphans()
    return contain.tried(apart)


def _send(pid: int, number: int) -> dict[str, Any]:
    # A child that has ended and was not waited for still holds its number: nobody else is hit.
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    return {}


def _look(pid: int, *, kill: bool) -> dict[str, Any]:
    """Return how a child ended (`status`: an exit code, minus a signal, or None: it runs)."""
    if kill:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + END_SECONDS
    try:
        done, status = os.waitpid(pid, os.WNOHANG)
        while kill and not _has_ended(done, status) and time.monotonic() < end:
            time.sleep(0.0002)
            done, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # the child of a warm process that was lost
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return {"status": -signal.SIGKILL}
    return {"status": os.waitstatus_to_exitcode(status) if _has_ended(done, status) else None}


def _has_ended(done: int, status: int) -> bool:
    return bool(done) and not os.WIFSTOPPED(status)  # who asked to be traced by us is told, too


if __name__ == "__main__":
    main()
