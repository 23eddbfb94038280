"""Fills files that it has deleted and keeps open: no folder shows them, and the disk is full."""

# points: 0
# status: crashed
# caps: disk_bytes=60_000_000
# needs: a user of its own

import os
import time

held = []
for number in range(4):
    held.append(os.open(f"taken-{number}", os.O_CREAT | os.O_RDWR))
    os.unlink(f"taken-{number}")
    os.write(held[-1], b"x" * 30_000_000)
time.sleep(1000)
