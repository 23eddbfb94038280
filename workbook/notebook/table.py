"""What the live lesson keeps in its database, shown as a table."""

from __future__ import annotations

from typing import Any

from workbook.notebook import stage
from workbook.notebook.look import Picture, escape, in_columns, line, shorten, titled, twin

MOST, WIDEST = 12, 34  # rows; columns of text in one cell


class Table(Picture):
    """The rows that a question to the database found, in `rows`, and their picture."""

    def __init__(self, rows: list[dict[str, Any]], title: str) -> None:
        self.rows = rows
        names = list(rows[0]) if rows else []
        cells = [[shorten(row[name], WIDEST, tail=4) for name in names] for row in rows[:MOST]]
        notes = [f"… and {len(rows) - MOST} more rows"] if len(rows) > MOST else []
        notes += [] if rows else ["No rows."]
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
        body = "".join(
            "<tr>" + "".join(f'<td class="wb-mono">{escape(one)}</td>' for one in row) + "</tr>"
            for row in cells
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        super().__init__(titled(title, table, notes), twin([title, *_lines(names, cells), *notes]))


def _lines(names: list[str], cells: list[list[str]]) -> list[str]:
    """Return the table as text: in columns where 80 are enough, else a line for each cell."""
    if found := in_columns([[line(name) for name in names], *cells]):
        return found
    return [
        f"{number}. {name}: {cell}"
        for number, row in enumerate(cells, 1)
        for name, cell in zip(names, row, strict=True)
    ]


def table(question: str, *values: Any, title: str = "") -> Table:
    """Ask the live lesson's database, as another process may: an SQL question or a table's name.

    A `?` in the question stands for each of the values.
    """
    if " " not in question:
        title, question = title or f"Table {question}", f"SELECT * FROM {question}"  # noqa: S608
    return Table(stage.running().stored.rows(question, *values), title or question)


def change(statement: str, *values: Any) -> int:
    """Change the live lesson's database, as another process may; return how many rows changed."""
    return stage.running().stored.change(statement, *values)
