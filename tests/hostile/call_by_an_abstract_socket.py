"""Speaks to a service of the machine over a socket without a file."""

# points: 0
# status: graded
# needs: a network of its own
# says: refused

import socket

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.connect("\0workbook-canary")
        return "connected"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
