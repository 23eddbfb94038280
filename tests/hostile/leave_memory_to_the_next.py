"""Asks for System V memory, which outlives its maker and can be read by who comes after."""

# points: 0
# status: graded
# only on rung: B
# says: refused

import ctypes
import os

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.shmget(0x776B, 4096, 0o1666)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return str(found)


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
