"""Opens files until it may open no more, so that no caller is let in."""

# points: 0
# status: does not start
# seconds: 3

import os

held = []
while True:
    try:
        held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        break

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    return {"username": username}
