"""Brings settings for pytest, and an .env with a key of its own."""

# points: 0
# status: graded

import os

assert os.environ["SECRET_KEY"] != "known"

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    return {"username": username}
