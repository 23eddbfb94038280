"""Crashes the interpreter itself in each request."""

# points: 0
# status: graded

import ctypes

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    ctypes.string_at(0)
    return {}
