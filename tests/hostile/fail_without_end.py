"""Fails in each request with an error whose text cannot be read."""

# points: 0
# status: graded

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    class Odd(Exception):
        def __str__(self) -> str:
            raise Odd

    raise Odd
    return {}
