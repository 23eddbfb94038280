"""The process that runs a lesson: import its app, serve it, tell what goes wrong.

It tells its parent one JSON object a line: `ready` (with the port), `broken` (it cannot start) or
`error` (a request ended in a 5xx answer). Nothing that it tells is believed in a grade; it serves
for better messages.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import socket
import sys
import threading
import time
import types
from pathlib import Path
from typing import IO, Any

import uvicorn

from workbook.running import contain, processes
from workbook.running.guard import App, Tell, describe, describe_text, guarded
from workbook.running.job import Job, listen_on

OWN_TREE = Path(__file__).resolve().parents[2]


class Broken(Exception):
    """The lesson has no app that can be served."""


def run(job: Job, listening: socket.socket | None, report: IO[str]) -> None:
    """Serve the job until the process ends; what cannot start is told and ends it."""

    def tell(event: str, **facts: Any) -> None:
        report.write(json.dumps({"event": event, **facts}) + "\n")
        report.flush()

    folder = Path(job.folder) / job.package
    # What the lesson starts by multiprocessing imports the program's main module, if it has one.
    sys.modules["__main__"] = types.ModuleType("__main__")
    _settle(job)
    if job.rung:
        kept = {report.fileno(), *([listening.fileno()] if listening else [])}
        processes.close_all_but(kept)
        code = Path(job.folder).parent
        contain.give_up(Path(job.directory), code, contain.Limits(), job.user, job.rung)
    gc.set_threshold(50_000)
    try:
        app = _import_app(job)
    except BaseException as error:  # also SystemExit and KeyboardInterrupt of the lesson's code
        tell("broken", **describe(error, folder))
        return
    watched = guarded(_remembering(app, folder, tell), folder, tell, loud=not job.log)
    _serve(job, watched, listening, tell)


def _settle(job: Job) -> None:
    """Take on the job's log, environment, clock zone and directory."""
    if job.log:
        log = os.open(job.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        for stream in (sys.stdout, sys.stderr):  # a kill must not lose what was printed
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(line_buffering=True)
    os.environ.clear()
    os.environ.update(job.environment)
    if hasattr(time, "tzset"):
        time.tzset()
    if job.directory:
        os.chdir(job.directory)


def _import_app(job: Job) -> App:
    package = Path(job.folder) / job.package
    if not package.is_dir():
        raise Broken(f"the folder {job.package} is missing")
    if not any((package / name).is_file() for name in ("app.py", "app/__init__.py")):
        raise Broken("there is no file app.py")
    if any(path.is_symlink() for path in (package, *package.rglob("*"))):
        raise Broken(f"{job.package} holds a link; a lesson is made of files")
    # The room is a bare module: no file of the tree's own stands above the lesson.
    room = types.ModuleType(job.room)
    room.__path__ = [job.folder]
    sys.modules[job.room] = room
    # The workbook's own tree is no library of a lesson, unless the lesson stands in it.
    sys.path = [path for path in sys.path if path not in ("", str(OWN_TREE))]
    sys.path.append(str(Path(job.folder).parent))
    importlib.invalidate_caches()
    sys.dont_write_bytecode = True
    module = importlib.import_module(f"{job.room}.{job.package}.app")
    app = getattr(module, "app", None)
    if not callable(app):
        raise Broken("app.py has no `app` to serve")
    served: App = app
    return served


def _remembering(app: App, folder: Path, tell: Tell) -> App:
    """Return `app` with a failed start-up told as `broken`, like a failed import."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return

        async def watch(message: Any) -> None:
            if message["type"] == "lifespan.startup.failed":
                tell("broken", **describe_text(str(message.get("message", "")), folder))
            await send(message)

        await app(scope, receive, watch)

    return serve


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, listening: socket.socket, tell: Tell) -> None:
        super().__init__(config)
        self._listening = listening
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the parent once the app has started and the socket is served."""
        await super().startup(sockets)
        if not self.should_exit:
            address = self._listening.getsockname()
            self._tell("ready", port=address[1] if isinstance(address, tuple) else 0)


def _serve(job: Job, app: App, listening: socket.socket | None, tell: Tell) -> None:
    if listening is None:
        listening = listen_on(job.port or 0)
    config = uvicorn.Config(
        app,
        log_config=None if job.log else uvicorn.config.LOGGING_CONFIG,
        log_level="critical" if job.log else "info",
        access_log=not job.log,
        ws="none",
        lifespan="auto",
    )
    _Server(config, listening, tell).run(sockets=[listening])


def main() -> None:
    """Wait, with everything imported, for one job on standard input; then become its server."""
    from workbook.running.warm import warm_up

    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)  # what the lesson prints goes to the log
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    warm_up()
    line = orders.readline()
    if line:
        threading.Thread(target=_end_with, args=(orders,), daemon=True).start()
        run(Job.from_json(line), None, report)


def _end_with(orders: IO[str]) -> None:
    """End this process when the parent has closed its end, which it does when it dies."""
    orders.read()
    os._exit(1)


if __name__ == "__main__":
    main()
