"""What a server process tells its parent: read without trust, since a submission can tell too."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from typing import IO, Any

TEXTS = ("kind", "message", "file")
LONGEST_LINE = 10_000
MOST_WAITING, MOST_LINES = 200, 20_000
"""How many events are kept until somebody asks, and how many are listened to at all."""


class Events:
    """What a server process tells, in its order; `over` once nobody listens any more."""

    def __init__(self, pipe: IO[str] | None = None) -> None:
        self.over = False
        self._told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        if pipe:
            threading.Thread(target=self._listen, args=(pipe,), daemon=True).start()

    def _listen(self, pipe: IO[str]) -> None:
        with pipe:
            flooded = False
            for number in range(MOST_LINES + 1):
                line = pipe.readline(LONGEST_LINE) if number < MOST_LINES else ""
                if not line:
                    flooded = number == MOST_LINES
                    break
                with contextlib.suppress(ValueError, RecursionError):
                    event = sound(json.loads(line))
                    if event and self._told.qsize() < MOST_WAITING:
                        self._told.put(event)
        self.over = True
        self._told.put({"event": "gone", "flooded": flooded})

    def next(self, seconds: float) -> dict[str, Any]:
        """Return the next thing told; `silent` when nothing is told within these seconds."""
        try:
            return self._told.get(timeout=seconds)
        except queue.Empty:
            return {"event": "silent"}

    def forget(self) -> None:
        """Drop what was told so far and not read."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._told.get_nowait()


def sound(told: object) -> dict[str, Any] | None:
    """Return an event with what has the right form of it."""
    if not isinstance(told, dict) or told.get("event") not in ("ready", "broken", "error"):
        return None
    texts = {name: told[name][:300] for name in TEXTS if isinstance(told.get(name), str)}
    numbers = {name: told[name] for name in ("line", "port") if type(told.get(name)) is int}
    return {"event": told["event"], "line": 0, "port": 0, **texts, **numbers}
