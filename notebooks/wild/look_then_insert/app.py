"""A registration that looks whether a name is free, and then writes."""

import os
import sqlite3
from pathlib import Path

from fastapi import FastAPI, HTTPException
from passlib.hash import bcrypt
from pydantic import BaseModel

app = FastAPI()
Path(os.environ["DATA_DIR"]).mkdir(parents=True, exist_ok=True)
FILE = os.environ["DATA_DIR"] + "/app.db"
slow = bcrypt.using(rounds=int(os.environ["PASSWORD_ROUNDS"]))

with sqlite3.connect(FILE) as first:
    first.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT)")


class NewUser(BaseModel):
    """What a newcomer sends."""

    username: str
    password: str


@app.post("/register", status_code=201)
def register(new: NewUser) -> dict[str, str]:
    """Open an account, if the name is free at this moment."""
    with sqlite3.connect(FILE) as db:
        if db.execute("SELECT 1 FROM users WHERE username = ?", [new.username]).fetchone():
            raise HTTPException(409, "This user name is taken")
        password_hash = slow.hash(new.password)  # meanwhile the next one looks, too
        row = [new.username, password_hash]
        db.execute("INSERT INTO users (username, password_hash) VALUES (?, ?)", row)
    return {"username": new.username}
