"""Sleeps for ever while it is imported, and takes no signal."""

# points: 0
# status: timed out
# seconds: 1

import signal
import time

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1000)
