"""All of it in one file: sqlite3, joserfc, argon2, HTTPBearer, asynchronous routes."""

import asyncio
import os
import re
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import Body, Depends, FastAPI, Form, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError
from joserfc.jwk import OctKey
from pydantic import AfterValidator, BaseModel, EmailStr, Field

FILE = Path(os.environ["DATA_DIR"]) / "app.db"
SECONDS = 60 * int(os.environ.get("ACCESS_TOKEN_MINUTES") or 15)
KEY = OctKey.import_key(os.environ["SECRET_KEY"].encode())
RULES = jwt.JWTClaimsRegistry(
    sub={"essential": True}, iat={"essential": True}, exp={"essential": True}
)
hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
NOBODY = hasher.hash("nobody")
TABLES = """
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE COLLATE NOCASE, email TEXT NOT NULL,
    full_name TEXT NOT NULL, password_hash TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL, body TEXT NOT NULL
);
"""
Record = dict[str, Any]


def asked(question: str, values: tuple[Any, ...]) -> list[Record]:
    """Carry out one statement and return its rows."""
    with closing(sqlite3.connect(FILE, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        with connection:
            return [dict(row) for row in connection.execute(question, values)]


async def sql(question: str, *values: Any) -> list[Record]:
    """Ask the database without holding up anybody else."""
    return await asyncio.to_thread(asked, question, values)


@asynccontextmanager
async def ready(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables, and the admin."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(FILE)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(TABLES)
    if password := os.environ.get("ADMIN_PASSWORD"):
        await added("olga", "olga@example.com", "Olga", password)
    yield


app = FastAPI(title="Notes", lifespan=ready)


@app.exception_handler(RequestValidationError)
async def unreadable(request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 with the places alone."""
    return JSONResponse({"detail": [list(one["loc"]) for one in error.errors()]}, 422)


def no_nul(text: str) -> str:
    """Refuse a NUL, and half a character."""
    if "\0" in text:
        raise ValueError("NUL")
    text.encode()
    return text


Plain = Annotated[str, AfterValidator(no_nul)]
Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,100}$")]


class Who(BaseModel):
    """What may be changed of an account."""

    full_name: Name
    email: Annotated[EmailStr, Field(max_length=254)]


class Newcomer(Who):
    """What opens an account."""

    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,32}$")]
    password: Annotated[Plain, Field(min_length=8, max_length=200)]


class Page(BaseModel):
    """What is written on a note."""

    title: Annotated[Plain, Field(min_length=1, max_length=100)]
    body: Annotated[Plain, Field(max_length=10_000)]


def refusal(words: str, error: str = "") -> HTTPException:
    """Return a 401."""
    challenge = 'Bearer realm="notes"' + (f', error="{error}"' if error else "")
    return HTTPException(401, words, {"WWW-Authenticate": challenge})


def subject(token: str) -> tuple[str, int]:
    """Return whose token it is and when it ends; raises all sorts of exceptions."""
    claims = jwt.decode(token, KEY, algorithms=["HS256"]).claims
    RULES.validate(claims)
    if type(claims["iat"]) is not int or type(claims["exp"]) is not int:
        raise TypeError
    claims["sub"].encode()
    return claims["sub"], claims["exp"]


async def owner_of(token: str) -> Record:
    """Return the active user of a token. Raises."""
    user_id, _ = subject(token)
    rows = await sql("SELECT * FROM users WHERE id = ? AND NOT disabled", user_id)
    return rows[0]


async def caller(
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
    _: Annotated[object, Depends(OAuth2PasswordBearer("token", auto_error=False))],
) -> Record:
    """Return who is calling."""
    if sent is None or not sent.credentials:
        raise refusal("Who are you?")
    try:
        return await owner_of(sent.credentials)
    except ExpiredTokenError:
        raise refusal("Too late", "invalid_token") from None
    except Exception:
        raise refusal("No", "invalid_token") from None


Caller = Annotated[Record, Depends(caller)]


def shown(user: Record) -> Record:
    """Return what a user may know of themselves."""
    return {name: user[name] for name in ("id", "username", "email", "full_name")}


async def added(username: str, email: str, full_name: str, password: str) -> list[Record]:
    """Store a user; nothing comes back when the name is taken."""
    hashed = await asyncio.to_thread(hasher.hash, password)
    question = "INSERT OR IGNORE INTO users VALUES (?, ?, ?, ?, ?, 0) RETURNING *"
    return await sql(question, str(uuid.uuid4()), username, email, full_name, hashed)


@app.post("/register", status_code=201)
async def register(new: Newcomer) -> Record:
    """Open an account."""
    rows = await added(new.username, new.email, new.full_name, new.password)
    if not rows:
        raise HTTPException(409, "taken")
    return shown(rows[0])


async def signed_in(username: str, password: str) -> JSONResponse | None:
    """Return a token answer, or None."""
    name = username if re.fullmatch(r"[\w-]+", username, re.ASCII) else ""
    rows = await sql("SELECT * FROM users WHERE username = ?", name)
    try:
        hashed = rows[0]["password_hash"] if rows else NOBODY
        await asyncio.to_thread(hasher.verify, hashed, password)
    except (Argon2Error, InvalidHashError, ValueError):
        return None
    if not rows or rows[0]["disabled"]:
        return None
    now = int(time.time())
    claims = {"sub": rows[0]["id"], "iat": now, "exp": now + SECONDS}
    token = jwt.encode({"alg": "HS256"}, claims, KEY)
    answer = {"access_token": token, "token_type": "bearer", "expires_in": SECONDS}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


@app.post("/login")
async def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> JSONResponse:
    """Give a token for JSON."""
    if answer := await signed_in(username, password):
        return answer
    raise refusal("Name or password wrong")


@app.post("/token")
async def token(request: Request) -> JSONResponse:
    """Give a token for a form."""
    pairs = (await request.form()).multi_items()
    form = {name: value for name, value in pairs if isinstance(value, str)}
    if len(form) != len(pairs) or not {"username", "password"} <= form.keys():
        return JSONResponse({"error": "invalid_request"}, 400)
    answer = await signed_in(form["username"], form["password"])
    return answer or JSONResponse({"error": "invalid_grant"}, 400)


@app.post("/introspect")
async def introspect(user: Caller, token: Annotated[str, Form()] = "") -> Record:
    """Tell what a token is worth."""
    try:
        found = await owner_of(token)
        return {"active": True, "sub": found["id"], "exp": subject(token)[1]}
    except Exception:
        return {"active": False}


@app.get("/profile")
async def profile(user: Caller) -> Record:
    """Welcome the caller."""
    return {"message": f"Welcome {user['username']}"} | shown(user)


@app.get("/users/me")
async def me(user: Caller) -> Record:
    """Return the caller."""
    return shown(user)


@app.get("/protected")
async def protected(user: Caller) -> Record:
    """Greet the caller."""
    return {"hello": user["full_name"]}


@app.delete("/users/me", status_code=204)
async def leave(user: Caller) -> Response:
    """Close the caller's account."""
    await sql("DELETE FROM users WHERE id = ?", user["id"])
    return Response(status_code=204)


@app.put("/users/{user_id}")
async def change_user(user_id: uuid.UUID, new: Who, user: Caller) -> Record:
    """Change the caller's account."""
    if user_id != uuid.UUID(user["id"]):
        raise HTTPException(404)
    question = "UPDATE users SET email = ?, full_name = ? WHERE id = ? RETURNING *"
    return shown((await sql(question, new.email, new.full_name, user["id"]))[0])


async def note(question: str, *values: Any) -> Record:
    """Return one note, or 404."""
    try:
        return (await sql(question, *values))[0]
    except (IndexError, OverflowError):  # sqlite3 counts to 2 ** 63
        raise HTTPException(404) from None


@app.get("/notes")
async def notes(user: Caller) -> list[Record]:
    """Return the caller's notes."""
    return await sql("SELECT id, title, body FROM notes WHERE owner_id = ?", user["id"])


@app.post("/notes", status_code=201)
async def write(page: Page, user: Caller) -> Record:
    """Store a note."""
    question = "INSERT INTO notes (owner_id, title, body) VALUES (?, ?, ?)"
    return await note(question + " RETURNING id, title, body", user["id"], page.title, page.body)


@app.get("/notes/{number}")
async def read(number: int, user: Caller) -> Record:
    """Return a note of the caller's."""
    question = "SELECT id, title, body FROM notes WHERE id = ? AND owner_id = ?"
    return await note(question, number, user["id"])


@app.put("/notes/{number}")
async def rewrite(number: int, page: Page, user: Caller) -> Record:
    """Change a note of the caller's."""
    question = "UPDATE notes SET title = ?, body = ? WHERE id = ? AND owner_id = ?"
    values = (page.title, page.body, number, user["id"])
    return await note(question + " RETURNING id, title, body", *values)


@app.delete("/notes/{number}", status_code=204)
async def burn(number: int, user: Caller) -> Response:
    """Delete a note of the caller's."""
    await note("DELETE FROM notes WHERE id = ? AND owner_id = ? RETURNING id", number, user["id"])
    return Response(status_code=204)
