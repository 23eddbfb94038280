"""Kills every process that it may, in a request."""

# points: 0
# status: graded
# only on rung: B
# says: refused

import os
import signal

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    os.kill(-1, signal.SIGKILL)
    return "everybody"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
