"""Brings files that Python runs at its start, where it finds them."""

# points: 0
# status: graded

from fastapi import FastAPI

app = FastAPI()


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    return {"username": username}
