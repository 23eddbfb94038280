"""A small table of outcomes: who may call what."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from workbook.notebook.cards import SIGNS, Card, verdict
from workbook.notebook.look import Picture, escape, in_columns, line, shorten, titled, twin

LIKE = {"open": "let in", "yes": "let in", "caught": "let in", "no": "refused", "missed": "refused"}


def _shown(value: object) -> tuple[str, str]:
    """Return a cell's sign with its words, and its colour."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, Card | int):
        found = value.verdict if isinstance(value, Card) else verdict(value)
        return f"{found.sign} {shorten(found.words, 28)}", found.colour
    if value is None or value is ...:
        return "– nothing", "quiet"
    words = shorten(value, 28)
    sign, colour = SIGNS.get(LIKE.get(words.lower(), words.lower()), ("·", "text"))
    return f"{sign} {words}", colour


def _twin(lines: list[list[str]]) -> list[str]:
    """Return the table as text: in columns where 80 are enough, else as a sentence for each row."""
    if found := in_columns(lines):
        return found
    told = ([f"{n} {c}" for n, c in zip(lines[0][1:], row[1:], strict=True)] for row in lines[1:])
    said = (f"{row[0]}: {'; '.join(cells)}" for row, cells in zip(lines[1:], told, strict=True))
    return list(said)


def grid(rows: Sequence[str], names: Sequence[str], cells: Any, title: str = "") -> Picture:
    """Return a table with a sign and a word in each cell.

    A cell is a status number, a Card, a bool or a word. `cells` holds them by `(row, column)`,
    as `cells[row][column]`, or as lists in the order of the table.
    """

    def cell(y: int, x: int) -> tuple[str, str]:
        value = None
        with contextlib.suppress(KeyError, IndexError, TypeError):
            value = cells[rows[y]][names[x]] if rows[y] in cells else cells[y][x]
        with contextlib.suppress(KeyError, TypeError):
            value = cells[rows[y], names[x]]
        return _shown(value)

    found = [[cell(y, x) for x in range(len(names))] for y in range(len(rows))]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = ""
    for row, outcomes in zip(rows, found, strict=True):
        data = "".join(f'<td class="wb-{hue}">{escape(words)}</td>' for words, hue in outcomes)
        body += f'<tr><th scope="row" class="wb-mono">{escape(row)}</th>{data}</tr>'
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    lines = [["", *map(line, names)]]
    lines += [[line(row), *(c[0] for c in cells_)] for row, cells_ in zip(rows, found, strict=True)]
    return Picture(titled(title, table), twin([title, *_twin(lines)]))
