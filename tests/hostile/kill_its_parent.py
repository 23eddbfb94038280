"""Kills and stops the process that it was forked of."""

# points: 0
# status: graded
# only on rung: B
# says: refused

import os
import signal

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    for number in (signal.SIGSTOP, signal.SIGKILL):
        os.kill(os.getppid() or 1, number)
    return "the parent"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
