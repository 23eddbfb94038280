"""Faulty apps, rebuilt in a few lines from what published tutorials do. Not for use."""
