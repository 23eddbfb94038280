"""Sends what it knows by datagrams."""

# points: 0
# status: graded
# needs: a network of its own
# says: refused

import socket

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"secret", ("127.0.0.1", 65001))
        return "sent"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
