"""`workbook start`: JupyterLab at a lesson's notebook."""

from __future__ import annotations

import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

from workbook.cli import show
from workbook.cli.serving import free_from
from workbook.tree import ROOT, Lesson

START_SECONDS = 60.0
CONFIG = Path(__file__).parent / "jupyter_config"


def open_lab(lesson: Lesson, *, browser: bool, port: int) -> int:
    """Run JupyterLab until Ctrl-C and print, or open, the notebook's address."""
    if importlib.util.find_spec("jupyterlab") is None:
        show.complain("JupyterLab is not installed: pip install jupyterlab ipykernel")
        return 1
    free = free_from(port)
    if free != port:
        show.out(f"Port {port} is in use; taking {free}.")
    token = secrets.token_urlsafe(24)
    # Ended from outside, JupyterLab is ended too.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    lab = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=ERROR"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={free}"),
            "--ServerApp.port_retries=0",
            # Kernels talk through files where they can: on a port every user of the machine hears.
            *(["--KernelManager.transport=ipc"] if os.name == "posix" else []),
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "JUPYTER_TOKEN": token,  # not on the command line, where others see it
            "JUPYTER_CONFIG_PATH": str(CONFIG),  # its news would need the internet
        },
    )
    notebook = lesson.notebook.relative_to(ROOT).as_posix()
    try:
        if not _answers(lab, free):
            show.complain("JupyterLab did not start.")
            return 1
        address = f"http://127.0.0.1:{free}/lab/tree/{notebook}?token={token}"
        show.out(f"Lesson {lesson.number}: {lesson.question}", bold=True)
        show.out(f"  {address}")
        show.out("Ctrl-C ends it.")
        sys.stdout.flush()
        if browser and not webbrowser.open(address):
            show.out("No browser could be opened: open the address above in one.")
        return lab.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        lab.terminate()
        lab.wait()


def _answers(lab: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until JupyterLab serves; False when it ended instead."""
    deadline = time.monotonic() + START_SECONDS
    while lab.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return True
    return False
