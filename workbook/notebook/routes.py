"""Which routes the live lesson has, as it says itself."""

from __future__ import annotations

from workbook.notebook import stage
from workbook.talking.client import Client


def routes() -> list[tuple[str, str]]:
    """Return method and path of each route in `/openapi.json`, those that delete at the end.

    A route that is hidden from the documentation is not among them.
    """
    live = stage.running()
    live.refresh()
    client = Client(live.server.address)
    schema = client.send("GET", "/openapi.json").json
    client.close()
    paths = schema.get("paths", {}) if isinstance(schema, dict) else {}
    found = [(method.upper(), path) for path, asked in paths.items() for method in asked]
    return sorted(found, key=lambda route: route[0] == "DELETE")
