"""A warm process that forks one fresh child for each server it is asked for.

Its parent speaks over a Unix socket on standard input, one JSON line a request and one an answer:
`start` (with the listening socket and the report pipe as descriptors), `status`, `signal`, `stop`.
It holds no checks, so a submission finds none in its memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import traceback
from typing import Any

from workbook.running import child
from workbook.running.job import Job
from workbook.running.warm import warm_up

DESCRIPTORS = 2


def main() -> None:
    """Answer the parent until it closes the socket; then leave no child behind."""
    control = socket.socket(fileno=0)
    null = os.open(os.devnull, os.O_RDWR)
    warm_up()
    children: set[int] = set()
    try:
        while True:
            line, descriptors, _, _ = socket.recv_fds(control, 65536, DESCRIPTORS)
            if not line:
                break
            while not line.endswith(b"\n"):
                line += control.recv(65536)
            request = json.loads(line)
            if request["do"] == "start":
                answer = _start(request["job"], control, null, descriptors)
                children.add(answer["pid"])
            elif request["do"] == "signal":
                answer = _send(request["pid"], request["signal"])
            else:
                answer = _look(request["pid"], kill=request["do"] == "stop")
                if answer["status"] is not None:
                    children.discard(request["pid"])
            control.sendall(json.dumps(answer).encode() + b"\n")
    finally:
        for pid in children:
            _look(pid, kill=True)
    os._exit(0)  # taking hundreds of modules down would keep the parent waiting


def _start(job: str, control: socket.socket, null: int, descriptors: list[int]) -> dict[str, Any]:
    pid = os.fork()
    if pid == 0:
        _become(job, control, null, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    return {"pid": pid}


def _become(job: str, control: socket.socket, null: int, descriptors: list[int]) -> None:
    """Turn this fresh fork into the server of `job`; it never returns to the loop above."""
    status = 1
    try:
        os.setsid()
        listening, report = descriptors
        control.detach()
        os.dup2(null, 0)
        sys.stdin = os.fdopen(0, closefd=False)
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
    try:
        done, status = os.waitpid(pid, 0 if kill else os.WNOHANG)
    except ChildProcessError:  # the child of a warm process that was lost
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return {"status": -signal.SIGKILL}
    return {"status": os.waitstatus_to_exitcode(status) if done else None}


if __name__ == "__main__":
    main()
