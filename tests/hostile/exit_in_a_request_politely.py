"""Leaves Python in each request."""

# points: 0
# status: graded

import sys

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    sys.exit(0)
    return {}
