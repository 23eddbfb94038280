"""Measured numbers as bars, each with its value written out."""

from __future__ import annotations

import math
from collections.abc import Mapping

from workbook.notebook import look

MOST, WIDTH, ROW = 30, 420, 30  # bars; pixels of the longest one; pixels from bar to bar


def _number(value: float, unit: str) -> str:
    """Return a number with three digits that count, and its unit."""
    if not math.isfinite(value):
        return "not measured"
    places = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 12)}f} {unit}".rstrip()


def bars(
    values: Mapping[str, float], unit: str = "", title: str = "", log: bool = False
) -> look.Picture:
    """Return one bar for each named number; `log` makes each step ten times the one before."""
    names = [look.shorten(name, 28) for name in values][:MOST]
    numbers = [float(value) for value in values.values()][:MOST]
    said = [_number(value, unit) for value in numbers]
    facts = [f"{name}: {fact}" for name, fact in zip(names, said, strict=True)]
    sizes = [value for value in numbers if math.isfinite(value) and value > 0] or [1.0]
    low, high = math.floor(math.log10(min(sizes)) - 0.2), math.log10(max(sizes))
    wide = max(map(look.columns, names), default=0)
    left, height = wide * look.CHARACTER + 16, len(names) * ROW + 4
    right = max(map(look.columns, said), default=0) * look.CHARACTER + 20
    parts, rows = [], []
    for power in range(low, math.floor(high) + 1) if log and high - low < 9 else ():
        x = left + (power - low) / (high - low) * WIDTH
        parts.append(look.path(f"M{x:.1f} 0 V{height}", "wb-stroke wb-line"))
        parts.append(look.written(x, height + 14, f"{10.0**power:,g}", "wb-quiet", "middle"))
    for place, (name, value, fact) in enumerate(zip(names, numbers, said, strict=True)):
        share, y = 0.0, place * ROW + 4
        if math.isfinite(value) and value > 0:
            share = (math.log10(value) - low) / (high - low) if log else value / max(sizes)
        parts += [
            look.written(left - 10, y + 15, name, anchor="end"),
            look.box(left, y, max(share * WIDTH, 2), 20, "wb-fill wb-blue"),
            look.written(left + share * WIDTH + 10, y + 15, fact, "wb-title wb-halo"),
        ]
        drawn = "█" * round(share * 28) or "▏"
        rows.append(f"{name}{' ' * (wide - look.columns(name))} {drawn} {fact}")
    notes = ["Each line stands for ten times as much as the one before."] if log else []
    notes += [f"… and {len(values) - len(names)} more"] if len(values) > len(names) else []
    size = left + WIDTH + right, height + (20 if log else 0)
    picture = look.svg(*size, title or "Bars", "; ".join(facts + notes), parts)
    return look.Picture(look.titled(title, picture, notes), look.twin([title, *rows, *notes]))
