"""Asks for root's number, and runs a program that is root's."""

# points: 0
# status: graded
# says: refused

import os

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    try:
        os.setuid(0)
    except PermissionError:
        raise
    return "root" if os.geteuid() == 0 else "nobody"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
