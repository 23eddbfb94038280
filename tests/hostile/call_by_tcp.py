"""Sends what it knows over the network."""

# points: 0
# status: graded
# needs: a network of its own
# says: refused

import socket

PORT = 65001  # the test listens there

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    with socket.create_connection(("127.0.0.1", PORT), 1):
        return "connected"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
