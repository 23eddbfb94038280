"""Writes without end into every descriptor that it finds."""

# points: 0
# status: does not start

import os

while True:
    for number in range(3, 64):
        try:
            os.write(number, b"x" * 60_000)
        except OSError:
            continue
