"""Takes memory with many processes, each within its own limit."""

# points: 0
# status: crashed
# caps: memory_bytes=300_000_000

import os
import time

for _ in range(8):
    if os.fork() == 0:
        taken = bytearray(b"x" * 60_000_000)
        while True:
            time.sleep(1000)
time.sleep(1000)
