"""Makes a namespace in which it is root, to mount and see more."""

# points: 0
# status: graded
# only on rung: B
# says: refused

import ctypes

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000 | 0x00020000) < 0:
        raise PermissionError(ctypes.get_errno())
    return "root"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
