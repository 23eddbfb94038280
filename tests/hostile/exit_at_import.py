"""Ends its process with status 0 while it is imported, so that no report is written."""

# points: 0
# status: does not start

import os

os._exit(0)
