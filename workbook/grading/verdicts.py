"""The ways in which a check can end before its last line."""

from __future__ import annotations

from workbook.talking.exchange import Exchange


class Verdict(Exception):
    """A check has ended with something other than `passed`."""


class Failed(Verdict):
    """The submission did not do what the check asked."""

    def __init__(self, expected: str, got: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected, self.got, self.exchange = expected, got, exchange


class NotWritten(Verdict):
    """The starter's own 501: this part waits for the learner."""

    def __init__(self, todo: str, exchange: Exchange) -> None:
        super().__init__(todo)
        self.todo, self.exchange = todo, exchange


class NotReached(Verdict):
    """Something that the check stands on did not work; that has a check of its own."""


class TimedOut(Verdict):
    """An answer did not come in time."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange.answer.problem)
        self.exchange = exchange
