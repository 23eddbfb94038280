"""Figures that were measured beforehand, by a program that anybody can run again."""

from __future__ import annotations

import json

from workbook import tree

FILE = "figures.json"


def measured(name: str) -> dict[str, float]:
    """Return what `benchmarks/servers.py` measured under this name: a number for each row.

    Raises KeyError for a name that the file does not hold.
    """
    kept = json.loads((tree.NOTEBOOKS / FILE).read_text("utf-8"))
    numbers: dict[str, float] = kept[name]["numbers"]
    return numbers
