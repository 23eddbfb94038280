"""Running a notebook from top to bottom, for the proofs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from workbook import tree
from workbook.authoring import notebooks


def run(lesson: tree.Lesson, folder: Path, var: Path | None = None, seconds: int = 60) -> Any:
    """Run a lesson's notebook on a folder of lessons; return it with its outputs.

    It is built afresh from its script. `folder` is absolute: the starters, the answers or
    somebody's own. `var` is where the kernel keeps progress and predictions, by default a folder
    that is thrown away; `seconds` is the limit of one cell. Raises nbclient's CellExecutionError
    at the first cell that raises, CellTimeoutError at one that hangs.
    """
    built = notebooks.build(lesson.notebook.with_suffix(".py"))
    notebook: Any = nbformat.reads(built.decode("utf-8"), 4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        client = NotebookClient(
            notebook,
            timeout=seconds,
            kernel_name="python3",
            force_raise_errors=True,
            resources={"metadata": {"path": str(tree.ROOT)}},
            config=_by_file(home),
        )
        environment = {
            "WORKBOOK_TREE": str(folder),
            "WORKBOOK_VAR": str(var or home / "var"),
            "IPYTHONDIR": str(home / "ipython"),  # no start-up files of somebody's own
        }
        client.execute(env=os.environ | environment)
    return notebook


def _by_file(folder: Path) -> Config:
    """Let the kernel talk through files, where it can: kernels in parallel fight over ports."""
    if os.name == "nt":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "kernel")}})
