"""An environment of its own for what the workbook is measured against, and never depends on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def environment(folder: Path, packages: list[str]) -> Path:
    """Make an environment with these packages by uv; return the folder of its programs."""
    subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    install = ["uv", "pip", "install", "-q", "--python", str(programs / "python"), *packages]
    subprocess.run(install, check=True)
    return programs
