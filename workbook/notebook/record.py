"""The traffic of this notebook, remembered in order."""

from __future__ import annotations

from workbook.talking.exchange import Exchange


class Recorder:
    """Every exchange so far, with a mark where the last drawn scene ended."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._drawn = 0

    def add(self, exchange: Exchange) -> None:
        """Remember one exchange."""
        self.exchanges.append(exchange)

    def since_last_scene(self) -> list[Exchange]:
        """Return what came after the last call, and set the mark."""
        fresh, self._drawn = self.exchanges[self._drawn :], len(self.exchanges)
        return fresh


recorder = Recorder()
