"""Answers rightly, but leaves a process behind that nobody is the parent of."""

# points: 10
# status: graded

import os
import time

from fastapi import FastAPI, HTTPException

from .people import PEOPLE

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    if username not in PEOPLE:
        raise HTTPException(404)
    return {"username": username, "full_name": PEOPLE[username]["full_name"]}


if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open("still-here", "w").close()
            time.sleep(0.01)
    os._exit(0)
