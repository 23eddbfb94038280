"""`workbook serve`: a lesson's server in the foreground, started again at every save."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from workbook import tree
from workbook.cli import show
from workbook.learning.watch import saves
from workbook.running.job import Job, listen_on
from workbook.running.server import DoesNotStart, Server, launcher
from workbook.tree import Lesson


def serve_lesson(lesson: Lesson, folder: Path, port: int, extra: dict[str, str]) -> int:
    """Serve until Ctrl-C, with `extra` environment variables; return the exit code."""
    if (free := free_from(port)) != port:
        offer = f" Port {free} is free: --port {free}" if free else ""
        show.complain(f"Port {port} is in use.{offer}")
        return 1
    warm = launcher()
    job = Job(
        folder=str(folder),
        room=folder.name,
        package=lesson.package,
        environment=os.environ | extra,
        directory=str(tree.ROOT),
    )
    server = Server(warm, job, port=port, home=Path(tempfile.mkdtemp(prefix="workbook-")))
    try:
        with saves(folder / lesson.package) as bursts:
            _start(server, lesson)
            for _ in bursts:
                server.stop()
                _start(server, lesson)
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        warm.close()
    return 0


def _start(server: Server, lesson: Lesson) -> None:
    try:
        server.start()
    except DoesNotStart as error:
        show.complain(f"{lesson.package} does not start: {error}")
        show.complain("Save a change and it is tried again.")
        return
    show.out(f"Lesson {lesson.number} is at {server.address.url}", bold=True)
    show.out(f"Try it in the browser: {server.address.url}/docs   (Ctrl-C ends)")
    sys.stdout.flush()


def free_from(port: int) -> int:
    """Return the port if nobody has it, else the next free one."""
    for candidate in range(port, min(port + 100, 65536)):
        try:
            listen_on(candidate).close()
        except OSError:
            continue
        return candidate
    return 0
