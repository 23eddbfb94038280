"""Reads what another student handed in."""

# points: 0
# status: graded
# only on rung: B
# says: refused

from pathlib import Path

CANARY = "/where/the/canary/is"

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    return Path(CANARY, "class/alice/lessons/lesson_01_open_profile/app.py").read_text()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
