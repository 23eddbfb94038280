"""Kills its own process while it is imported."""

# points: 0
# status: does not start

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
