"""A login that compares what was typed with what is stored: a table of passwords in clear."""

import json
import os
from pathlib import Path

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
USERS = Path(os.environ["DATA_DIR"]) / "users.json"
USERS.parent.mkdir(parents=True, exist_ok=True)
USERS.write_text(json.dumps({"alice": {"password": "violin-in-winter", "role": "user"}}))


class Login(BaseModel):
    """What somebody types in."""

    username: str
    password: str


@app.post("/login")
def login(typed: Login) -> dict[str, str]:
    """Let somebody in whose password stands in the table."""
    user = json.loads(USERS.read_text()).get(typed.username)
    if user is None or user["password"] != typed.password:
        raise HTTPException(401, "Invalid credentials")
    return {"message": f"Welcome {typed.username}"}
