"""Notes by plain SQL, in asynchronous routes; an address is a text until it is a number."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, StringConstraints

from .security import CurrentUser
from .settings import DATA_DIR

router = APIRouter()
Line = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Page = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]


class Sent(BaseModel, extra="ignore"):
    """What a writer sends."""

    title: Line
    body: Page


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """Give a connection that commits at a good end."""
    connection = sqlite3.connect(DATA_DIR / "app.db", timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        with connection:
            yield connection
    finally:
        connection.close()


def ask(question: str, *values: Any) -> list[dict[str, Any]]:
    """Return the rows of a question, or those that a change returns."""
    with database() as connection:
        return [dict(row) for row in connection.execute(question, values).fetchall()]


def number(text: str) -> int:
    """Return an id; what is none, no note has."""
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise HTTPException(404, f"No note {text} here")
    return int(text)


async def one(text: str, question: str, *values: Any) -> dict[str, Any]:
    """Return the one row, or 404."""
    rows = await asyncio.to_thread(ask, question, *values)
    if not rows:
        raise HTTPException(404, f"No note {text} here")
    return rows[0]


@router.get("/notes")
async def some(user: CurrentUser) -> list[dict[str, Any]]:
    """Return the caller's notes, the newest first."""
    question = "SELECT id, title, body FROM notes WHERE owner_id = ? ORDER BY id DESC"
    return await asyncio.to_thread(ask, question, user.id)


@router.post("/notes", status_code=201)
async def write(sent: Sent, user: CurrentUser) -> dict[str, Any]:
    """Store a note."""
    question = (
        "INSERT INTO notes (owner_id, title, body) VALUES (?, ?, ?) RETURNING id, title, body"
    )
    return await one("", question, user.id, sent.title, sent.body)


@router.get("/notes/{text}")
async def read(text: str, user: CurrentUser) -> dict[str, Any]:
    """Return a note."""
    question = "SELECT id, title, body FROM notes WHERE id = ? AND owner_id = ?"
    return await one(text, question, number(text), user.id)


@router.put("/notes/{text}")
@router.patch("/notes/{text}")
async def change(text: str, sent: Sent, user: CurrentUser) -> dict[str, Any]:
    """Change a note."""
    question = "UPDATE notes SET title = ?, body = ? WHERE id = ? AND owner_id = ?"
    values = (sent.title, sent.body, number(text), user.id)
    return await one(text, question + " RETURNING id, title, body", *values)


@router.delete("/notes/{text}", status_code=204)
async def remove(text: str, user: CurrentUser) -> Response:
    """Delete a note."""
    question = "DELETE FROM notes WHERE id = ? AND owner_id = ? RETURNING id"
    await one(text, question, number(text), user.id)
    return Response(status_code=204)
