"""Answers rightly at first, and changes its own file for the next start."""

# points: 0
# status: does not start
# only on rung: B

from pathlib import Path

Path(__file__).write_text("app = None")

from fastapi import FastAPI, HTTPException

from .people import PEOPLE

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    if username not in PEOPLE:
        raise HTTPException(404)
    return {"username": username, "full_name": PEOPLE[username]["full_name"]}
