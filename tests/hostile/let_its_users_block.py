"""Makes a pipe of its users, so that their reader waits for ever."""

# points: 0
# status: graded
# lesson: 6

import os
from pathlib import Path

CANARY = "/where/the/canary/is"
place = Path(os.environ["DATA_DIR"])

place.mkdir(parents=True, exist_ok=True)
os.mkfifo(place / "users.json")

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    return {"username": username}
