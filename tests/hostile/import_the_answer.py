"""Imports the answer instead of writing one."""

# points: 0
# status: does not start

from solutions.lesson_01_open_profile.app import app

__all__ = ["app"]
