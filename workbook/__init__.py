"""The stage-hands of the workbook: running, attacking, grading and writing its lessons."""

__version__ = "0.1.0"
