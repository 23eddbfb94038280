"""A disk that is full: a limit on the size of files stands for it."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable

DONE, FULL, OTHERWISE = 0, 1, 2


def on_a_full_disk(size: int, act: Callable[[], object]) -> int:
    """Act in another process, where no file grows beyond `size` bytes; return how that ended.

    It is DONE, or FULL for an OSError, or OTHERWISE.
    """
    pid = os.fork()
    if pid == 0:
        status = OTHERWISE
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            act()
            status = DONE
        except OSError:
            status = FULL
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
