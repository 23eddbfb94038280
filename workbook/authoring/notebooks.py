"""Building each notebook from its script, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jupytext

from workbook import tree


def sources() -> list[Path]:
    """Return the scripts that the notebooks are built from."""
    return sorted(tree.NOTEBOOKS.glob("[0-9][0-9]_*.py"))


def build(path: Path) -> bytes:
    """Return the notebook of a script in jupytext's percent format, without outputs.

    Its metadata names the script's hash, which stays when somebody runs, edits and saves it.
    """
    text = path.read_text(encoding="utf-8")
    script = jupytext.reads(text, fmt="py:percent")
    notebook = {
        "cells": [_cell(place, cell) for place, cell in enumerate(script.cells)],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "workbook": {"script": hashlib.sha256(text.encode("utf-8")).hexdigest()},
        },
        "nbformat": 4,
        "nbformat_minor": 5,  # the first with cell ids
    }
    # As Jupyter itself writes it, so that saving it changes nothing.
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _cell(place: int, cell: Any) -> dict[str, Any]:
    """Return a cell with an id made of its place and content, where jupytext draws lots."""
    content = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
    written: dict[str, Any] = {
        "cell_type": cell.cell_type,
        "id": f"{place:02d}-{content[:8]}",
        # jupytext notes the empty lines between cells, which only the script needs.
        "metadata": {k: v for k, v in cell.metadata.items() if not k.startswith("lines_to_")},
        "source": cell.source.splitlines(keepends=True),
    }
    if cell.cell_type == "code":
        written |= {"execution_count": None, "outputs": []}
    return written


def build_all() -> list[Path]:
    """Write every notebook that is not what its script gives; return those written."""
    written = []
    for script in sources():
        notebook, content = script.with_suffix(".ipynb"), build(script)
        if not notebook.is_file() or notebook.read_bytes() != content:
            notebook.write_bytes(content)
            written.append(notebook)
    return written


def same_sources(one: bytes, other: bytes) -> bool:
    """Compare two notebooks by their cells' kinds, texts and tags alone."""
    return _essence(one) == _essence(other)


def script_hash(notebook: bytes) -> str | None:
    """Return the hash of the script that a notebook was built from, if it says so."""
    named = json.loads(notebook)["metadata"].get("workbook", {}).get("script")
    return named if isinstance(named, str) else None


def _essence(notebook: bytes) -> list[tuple[str, str, list[str]]]:
    return [
        (cell["cell_type"], "".join(cell["source"]), sorted(cell["metadata"].get("tags", ())))
        for cell in json.loads(notebook)["cells"]
    ]
