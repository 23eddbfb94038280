"""Forks without end."""

# points: 0
# status: crashed

import os

while True:
    try:
        os.fork()
    except OSError:
        continue
