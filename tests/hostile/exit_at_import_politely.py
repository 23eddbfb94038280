"""Leaves Python with status 0 while it is imported."""

# points: 0
# status: does not start

import sys

sys.exit(0)
