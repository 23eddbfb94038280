"""`workbook`: the command line."""

from __future__ import annotations

import io
import signal
import sys

import typer

from workbook.cli import classes, learn, mine
from workbook.cli.app import cli

__all__ = ["classes", "cli", "learn", "main", "mine"]


def author() -> typer.Typer:
    """Return the commands for those who write the workbook."""
    from workbook.cli.author import commands

    return commands


def main() -> None:
    """Run the command line; it ends its servers, however it is ended, and shows no traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show ✓ shows ?
    if sys.argv[1:2] == ["author"]:
        cli.add_typer(author(), name="author")
    try:
        cli()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(130)


if __name__ == "__main__":
    main()
