"""Grading processes side by side; one that is lost is replaced, and its work is tried once more."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbook.classroom.results import LessonResult
from workbook.running.folders import remove_those_of

START_SECONDS = 120.0
TASK_SECONDS = 150.0
"""How long one lesson of a task may take before its grading process counts as lost."""
TRIES = 2
HERE = Path(__file__).resolve().parents[2]
Task = dict[str, Any]
Answer = dict[str, LessonResult] | None
"""The results by package, or None: no grading process came back with them."""


class Lost(Exception):
    """A grading process has ended or hangs."""


class Grader:
    """One grading process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workbook.classroom.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=HERE,
            start_new_session=True,
        )
        self._rest = b""
        self._busy = False
        self.walls: dict[str, Any] = self._answer(START_SECONDS)["walls"]

    def grade(self, task: Task) -> dict[str, LessonResult]:
        """Grade one task. Raises Lost."""
        assert self._process.stdin is not None
        self._busy = True
        try:
            self._process.stdin.write(json.dumps(task).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Lost(str(error)) from error
        found = self._answer(TASK_SECONDS * max(1, len(task["lessons"])))
        self._busy = False
        return found

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        descriptor, end = self._process.stdout.fileno(), time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
            received = os.read(descriptor, 1 << 16) if ready else b""
            if not received:
                raise Lost("the grading process " + ("has ended" if ready else "hangs"))
            self._rest += received
        line, _, self._rest = self._rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self, *, kill: bool = False) -> None:
        """End it and all that it started."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
        if self._busy and not kill:  # the run is stopped: nobody waits for a submission that hangs
            self._process.terminate()
        if not kill:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(START_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        remove_those_of(self._process.pid)


class Pool:
    """`jobs` grading processes; `walls` says what stands around the code that they grade."""

    def __init__(self, jobs: int) -> None:
        self._graders = [Grader() for _ in range(max(1, jobs))]
        self.walls = self._graders[0].walls

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer]]:
        """Grade tasks, as many at a time as there are processes; give each as it is done."""
        waiting = iter(tasks)
        taking = threading.Lock()
        done: queue.SimpleQueue[tuple[Task, Answer] | BaseException | None] = queue.SimpleQueue()

        def work(place: int) -> None:
            try:
                while True:
                    with taking:
                        task = next(waiting, None)
                    if task is None:
                        break
                    done.put((task, self._tried(place, task)))
            except BaseException as error:  # for the thread that waits
                done.put(error)
            done.put(None)

        threads = [
            threading.Thread(target=work, args=(place,), daemon=True)
            for place in range(len(self._graders))
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        while running:
            one = done.get()
            if isinstance(one, BaseException):
                raise one
            if one is None:
                running -= 1
            else:
                yield one

    def _tried(self, place: int, task: Task) -> Answer:
        for _ in range(TRIES):
            try:
                return self._graders[place].grade(task)
            except Lost:
                self._graders[place].close(kill=True)
                self._graders[place] = Grader()
        return None

    def close(self) -> None:
        """End all processes."""
        for grader in self._graders:
            grader.close()
