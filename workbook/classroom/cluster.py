"""Handing tasks to a Dask cluster: chunks of submissions, one grading process a worker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from workbook.classroom.pool import Answer, Pool, Task

CHUNK = 50
CONNECT_SECONDS, FIRST_WORKER_SECONDS = 10.0, 300.0
AHEAD = 4
"""How many chunks for each worker are on their way: enough to be busy, few enough to be held."""
_mine: Pool | None = None
_one_at_a_time = threading.Lock()


def grade_chunk(tasks: list[Task]) -> tuple[dict[str, Any], list[Answer]]:
    """Grade a chunk on the machine that this runs on, with a process that stays for the next."""
    global _mine
    with _one_at_a_time:
        if _mine is None:
            _mine = Pool(1)
        answers = {task["name"]: answer for task, answer in _mine.run(tasks)}
        return _mine.walls, [answers[task["name"]] for task in tasks]


def _knock(address: str) -> None:
    """Raise OSError where nobody listens: Dask itself would go on trying for half a minute."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 8786  # Dask's own
    except ValueError as error:
        raise OSError(str(error)) from error
    if parts.scheme not in ("tcp", "tls") or not host:
        raise OSError("an address is tcp://HOST:PORT")
    socket.create_connection((host, port), CONNECT_SECONDS).close()


class Cluster:
    """The graders of a Dask scheduler; a worker that is lost has its chunk graded elsewhere."""

    def __init__(self, address: str) -> None:
        """Connect to `tcp://host:port`. Raises OSError; ImportError without the extra `cluster`."""
        from distributed import Client

        _knock(address)
        self._client = Client(address, timeout=30, set_as_default=False)
        self.walls: dict[str, Any] = {}
        try:
            self.walls = self._client.submit(grade_chunk, [], pure=False).result(
                timeout=FIRST_WORKER_SECONDS
            )[0]
        except BaseException:
            self._client.close()
            raise

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer]]:
        """Grade tasks and give each as its chunk is done."""
        from distributed import as_completed

        waiting = iter(tasks)
        sent: dict[Any, list[Task]] = {}
        coming = as_completed([], loop=self._client.loop, with_results=False)

        def send() -> bool:
            chunk = list(islice(waiting, CHUNK))
            if chunk:
                future = self._client.submit(grade_chunk, chunk, pure=False, retries=2)
                sent[future] = chunk
                coming.add(future)
            return bool(chunk)

        workers = max(1, len(self._client.scheduler_info()["workers"]))
        while len(sent) < AHEAD * workers and send():
            pass
        for future in coming:
            chunk = sent.pop(future)
            # What no worker could grade is a fault of ours, and is tried again at --resume.
            lost = future.status != "finished"
            answers = [None] * len(chunk) if lost else future.result()[1]
            yield from zip(chunk, answers, strict=True)
            send()

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()
