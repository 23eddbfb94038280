"""A small table of outcomes: who may call what."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from workbook.notebook.cards import SIGNS, Card, verdict
from workbook.notebook.look import Picture, columns, escape, line, shorten, titled, wrap

LIKE = {"open": "let in", "yes": "let in", "caught": "let in", "no": "refused", "missed": "refused"}


def _shown(cells: Any, at: tuple[str, str], place: tuple[int, int]) -> tuple[str, str]:
    """Return a cell's sign with its words, and its colour."""
    value = None
    for key, inner in (at, place):
        with contextlib.suppress(KeyError, IndexError, TypeError):
            value = cells[key][inner]
    with contextlib.suppress(KeyError, TypeError):
        value = cells[at]
    if isinstance(value, Card):
        value = value.status
    if value is None or value is ...:
        return "– nothing", "quiet"
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, int):
        found = verdict(value)
        return f"{found.sign} {found.words}", found.colour
    words = shorten(line(value), 28)
    sign, colour = SIGNS.get(LIKE.get(words.lower(), words.lower()), ("·", "text"))
    return f"{sign} {words}", colour


def grid(rows: Sequence[str], names: Sequence[str], cells: Any, title: str = "") -> Picture:
    """Return a table with a sign and a word in each cell.

    A cell is a status number, a Card, a bool or a word. `cells` holds them by `(row, column)`,
    as `cells[row][column]`, or as lists in the order of the table.
    """
    found = [
        [_shown(cells, (row, name), (y, x)) for x, name in enumerate(names)]
        for y, row in enumerate(rows)
    ]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row" class="wb-mono">{escape(row)}</th>'
        + "".join(f'<td class="wb-{colour}">{escape(words)}</td>' for words, colour in cells_)
        + "</tr>"
        for row, cells_ in zip(rows, found, strict=True)
    )
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    lines = [["", *map(line, names)]]
    lines += [[line(row), *(c[0] for c in cells_)] for row, cells_ in zip(rows, found, strict=True)]
    text = wrap(line(title)) if title else []
    return Picture(titled(title, table), "\n".join(text + _twin(lines)))


def _twin(lines: list[list[str]]) -> list[str]:
    """Return the table as text: in columns where 80 are enough, else as a sentence for each row."""
    widths = [max(map(columns, column)) for column in zip(*lines, strict=True)]
    if sum(widths) + 2 * len(widths) <= 82:
        return [
            "  ".join(c + " " * (w - columns(c)) for c, w in zip(row, widths, strict=True)).rstrip()
            for row in lines
        ]
    return [
        short
        for row, *cells in lines[1:]
        for short in wrap(
            f"{row}: " + "; ".join(map(" ".join, zip(lines[0][1:], cells, strict=True))),
            hang="    ",
        )
    ]
