"""Loops for ever in each request."""

# points: 0
# status: timed out
# seconds: 2

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    while True:
        pass
    return {}
