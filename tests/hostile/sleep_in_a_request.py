"""Never answers."""

# points: 0
# status: timed out
# seconds: 2

import asyncio

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    await asyncio.sleep(100_000)
    return {}
