"""Attaches itself to its parent as a debugger would."""

# points: 0
# status: graded
# says: refused

import ctypes
import os

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (os.getppid(), 1):
        if libc.ptrace(16, pid, None, None) < 0:
            raise PermissionError(ctypes.get_errno())
    return "the parent"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
