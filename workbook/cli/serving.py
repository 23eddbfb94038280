"""`workbook serve`: a lesson's server in the foreground, started again at every save."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from watchfiles import PythonFilter, watch

from workbook.cli import show
from workbook.running.job import Job, listen_on
from workbook.running.server import DoesNotStart, Server, launcher
from workbook.tree import ROOT, Lesson


def serve_lesson(lesson: Lesson, folder: Path, port: int) -> int:
    """Serve until Ctrl-C; return the exit code."""
    if (free := free_from(port)) != port:
        show.complain(f"Port {port} is in use. Port {free} is free: --port {free}")
        return 1
    warm = launcher()
    job = Job(
        folder=str(folder),
        room=folder.name,
        package=lesson.package,
        environment=dict(os.environ),
        directory=str(ROOT),
    )
    server = Server(warm, job, port=port, home=Path(tempfile.mkdtemp(prefix="workbook-")))
    try:
        _start(server, lesson)
        for _ in watch(folder / lesson.package, watch_filter=PythonFilter(), raise_interrupt=False):
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


def free_from(port: int) -> int:
    """Return the port if nobody has it, else the next free one."""
    for candidate in range(port, min(port + 100, 65536)):
        try:
            listen_on(candidate).close()
        except OSError:
            continue
        return candidate
    return 0
