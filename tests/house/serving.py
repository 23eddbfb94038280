"""What the proofs serve: answers, as they are or changed, and the faulty apps of the notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from workbook import tree
from workbook.authoring.corpus import Edit, Wrong, written
from workbook.grading.api import Api
from workbook.running.folders import new_home
from workbook.running.server import Launcher, Server, job_for
from workbook.talking.client import Client

KEY = "a-key-of-at-least-thirty-two-bytes!!"
"""What signs the tokens of the faulty apps."""
Serve = Callable[..., Api]
Start = Callable[..., tuple[Server, Client]]


@contextmanager
def answers(warm: Launcher) -> Iterator[Serve]:
    """Give a function that serves a lesson's answer, changed by some edits; all end with it.

    What is named besides the lesson is the environment; with a `port`, 0 for a free one, it listens
    on the loopback instead of a Unix socket.
    """
    with ExitStack() as stack:

        def serve(
            lesson: tree.Lesson, *edits: Edit, port: int | None = None, **environment: str
        ) -> Api:
            changed = Wrong("changed", "", "", edits)
            folder = stack.enter_context(written(lesson, changed)) if edits else tree.SOLUTIONS
            home = new_home()
            job = job_for(folder, lesson.package, home, environment)
            api = Api(Server(warm, job, port=port, home=home))
            stack.callback(api.close)
            api.server.start()
            return api

        yield serve


@contextmanager
def faulty_apps(warm: Launcher) -> Iterator[Start]:
    """Give a function that serves a faulty app by its name; all end with it."""
    with ExitStack() as stack:

        def start(name: str, **environment: str) -> tuple[Server, Client]:
            home = new_home()
            job = job_for(tree.NOTEBOOKS / "wild", name, home, {"SECRET_KEY": KEY} | environment)
            server = Server(warm, job, home=home)
            stack.callback(server.close)
            server.start()
            client = Client(server.address)
            stack.callback(client.close)
            return server, client

        yield start
