"""Requests that servers meet at one moment, while nobody else may write to what they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from workbook.running.processes import until_quiet
from workbook.running.server import Server
from workbook.talking.exchange import Exchange, Request

if TYPE_CHECKING:
    from workbook.grading.api import Api

QUIET_SECONDS = 1.0
"""How long a submission gets to come as far as a write that has to wait."""


def met(
    api: Api, requests: list[Request], beside: Api | None, writers_wait: bool
) -> list[Exchange]:
    """Send requests as `Api.at_once` says; return them in their order."""
    here = (len(requests) + 1) // 2 if beside else len(requests)
    there: list[Exchange] = []

    @contextmanager
    def held() -> Iterator[None]:
        with ExitStack() as lock, ExitStack() as both:
            if writers_wait:
                lock.enter_context(api.stored.locked())
                lock.callback(until_quiet, api.server.launcher.pid, QUIET_SECONDS)
            both.enter_context(api.server.held())
            yield
            if beside:
                let_go = _held_too(beside.server, both, lock)
                there.extend(beside.speaking().at_once(requests[here:], let_go))

    return api.speaking().at_once(requests[:here], held()) + there


@contextmanager
def _held_too(server: Server, others: ExitStack, lock: ExitStack) -> Iterator[None]:
    """Hold a server beside others, and let go of all of them afterwards, of the lock last."""
    with lock, others:
        others.enter_context(server.held())
        yield
