"""Each refresh token works once, says this code: it looks first, and writes later."""

import os
import secrets
import sqlite3
from asyncio import to_thread
from contextlib import closing
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException

app = FastAPI()

FILE = Path(os.environ["DATA_DIR"]) / "tokens.db"
FILE.parent.mkdir(parents=True, exist_ok=True)


def ask(statement: str, *values: str) -> tuple[int] | None:
    """Carry out one statement and return the first row, if there is one."""
    with closing(sqlite3.connect(FILE)) as db, db:
        row: tuple[int] | None = db.execute(statement, values).fetchone()
        return row


ask("PRAGMA journal_mode=WAL")  # readers do not wait for writers
ask("CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, used INTEGER DEFAULT 0)")


@app.post("/login")
async def login() -> dict[str, str]:
    """Give a refresh token to anybody (no password, so that this page stays short)."""
    token = secrets.token_urlsafe(32)
    await to_thread(ask, "INSERT INTO tokens (token) VALUES (?)", token)
    return {"refresh_token": token}


@app.post("/token")
async def refresh(refresh_token: Annotated[str, Form()]) -> dict[str, str]:
    """Give a new refresh token for one that is not used, and write that it is used now."""
    found = await to_thread(ask, "SELECT used FROM tokens WHERE token = ?", refresh_token)
    if found is None or found[0]:
        raise HTTPException(400, "invalid_grant")
    answer = await login()
    # All who have come this far have seen `used = 0`.
    await to_thread(ask, "UPDATE tokens SET used = 1 WHERE token = ?", refresh_token)
    return answer
