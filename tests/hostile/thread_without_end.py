"""Starts threads until the system refuses."""

# points: 0
# status: does not start

import threading

stop = threading.Event()
while True:
    threading.Thread(target=stop.wait, daemon=True).start()
