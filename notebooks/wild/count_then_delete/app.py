"""Counting first and deleting afterwards: two admins dismiss each other, and none is left."""

import os
import sqlite3
from contextlib import closing
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()

NAMES = {"olgas-token": "olga", "bobs-token": "bob"}
os.makedirs(os.environ["DATA_DIR"], exist_ok=True)


def ask(question: str, *values: str) -> list[Any]:
    """Ask the database one question, or give it one order."""
    with closing(sqlite3.connect(os.environ["DATA_DIR"] + "/app.db")) as db, db:
        return db.execute(question, values).fetchall()


ask("CREATE TABLE IF NOT EXISTS admins (name TEXT PRIMARY KEY)")
ask("INSERT OR IGNORE INTO admins VALUES ('olga'), ('bob')")


def admin(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    """Let admins in, by what the database says now."""
    if not ask("SELECT name FROM admins WHERE name = ?", NAMES.get(sent.credentials, "")):
        raise HTTPException(403, "Admins only")


@app.delete("/admins/{name}", status_code=204, dependencies=[Depends(admin)])
def dismiss(name: str) -> None:
    """Dismiss an admin, unless it is the last one; in truth, unless nobody else is as fast."""
    [(count,)] = ask("SELECT count(*) FROM admins")
    if count == 1:
        raise HTTPException(409, "The last admin has to stay")
    ask("DELETE FROM admins WHERE name = ?", name)  # the other may have been here meanwhile
