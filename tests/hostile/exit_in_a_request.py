"""Ends its process in each request."""

# points: 0
# status: graded

import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    os._exit(0)
    return {}
