"""A profile that sends out all that is stored: no line says what may leave."""

from fastapi import FastAPI

app = FastAPI()

USERS = {
    "alice": {"username": "alice", "email": "alice@example.com", "password": "violin-in-winter"},
}


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    """Return the record of one user."""
    return USERS.get(username, {})
