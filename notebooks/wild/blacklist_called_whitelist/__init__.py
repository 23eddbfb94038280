"""A faulty app (see app.py)."""
