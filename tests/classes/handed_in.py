"""Words for what the proofs of class runs hand in and get back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

Submit = Callable[..., Path]
"""Writes a submission, by its name and the numbers of its lessons."""


def grades(out: Path) -> dict[str, dict[str, str]]:
    """Return a run's grades.csv: each row by its submission."""
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}
