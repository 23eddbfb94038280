"""Takes memory that counts as a file's, since several processes may have it in common."""

# points: 0
# status: crashed
# caps: memory_bytes=300_000_000

import mmap
import os
import time

PART = b"x" * 1_000_000
for _ in range(3):
    if os.fork() == 0:
        taken = mmap.mmap(-1, 200 * len(PART))
        for _ in range(200):
            taken.write(PART)
        while True:
            time.sleep(1000)
time.sleep(1000)
