"""The two programs that writing the workbook calls: git and uv."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


class ProgramFailed(Exception):
    """A program is not here, or it refused; the message is the program's own."""


def printed(program: str, *arguments: str, folder: Path) -> bytes:
    """Run a program in a folder and return what it printed; raises ProgramFailed."""
    found = shutil.which(program)
    if not found:
        raise ProgramFailed(f"`{program}` is not installed")
    done = subprocess.run([found, *arguments], cwd=folder, capture_output=True)
    if done.returncode:
        raise ProgramFailed(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout
