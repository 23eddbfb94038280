"""The stage-hands of the workbook: running, attacking, grading and writing its lessons."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - who runs it without installing it gets one line
    sys.exit(f"The workbook needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

__version__ = "0.1.0"
