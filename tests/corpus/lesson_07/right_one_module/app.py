"""All of it in one file, on the standard library's sqlite3, with argon2 and HTTPBearer."""

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import Annotated, Any

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import Body, FastAPI, Form, HTTPException, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer

from .schemas import NewUser
from .settings import ACCESS_TOKEN_SECONDS, ADMIN_PASSWORD, DATA_DIR, SECRET_KEY

PATH = DATA_DIR / "app.db"
SHOWN = ("id", "username", "email", "full_name")
TABLE = """
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE COLLATE NOCASE, email TEXT NOT NULL,
    full_name TEXT NOT NULL, password_hash TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT 0
)
"""
ADD = """
INSERT INTO users (id, username, email, full_name, password_hash, disabled)
VALUES (:id, :username, :email, :full_name, :password_hash, :disabled)
"""
hasher = PasswordHasher(time_cost=1, memory_cost=19456, parallelism=1)
DUMMY = hasher.hash(secrets.token_hex())
BASIC = {"WWW-Authenticate": 'Bearer realm="accounts"'}
BAD = {"WWW-Authenticate": 'Bearer realm="accounts", error="invalid_token"'}
Row = dict[str, Any]


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """Give a connection for one piece of work; commit what it did."""
    with closing(sqlite3.connect(PATH, timeout=20)) as connection, connection:
        connection.row_factory = sqlite3.Row
        yield connection


def one(question: str, value: str) -> Row | None:
    """Return the row that a question finds; a text that is none finds nothing."""
    with database() as connection:
        try:
            row = connection.execute(question, (value,)).fetchone()
        except UnicodeEncodeError:
            return None
    return dict(row) if row else None


def add(fields: Row) -> Row:
    """Insert an account. Raises sqlite3.IntegrityError."""
    row = {"id": secrets.token_urlsafe(16), "disabled": False} | fields
    with database() as connection:
        connection.execute(ADD, row)
    return row


@asynccontextmanager
async def ready(app: FastAPI) -> AsyncIterator[None]:
    """Make the table, take old accounts over, create the admin."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    with database() as connection:
        connection.execute(TABLE)
        empty = not connection.execute("SELECT 1 FROM users").fetchone()
        if empty and (old := DATA_DIR / "users.json").exists():
            connection.executemany(ADD, json.loads(old.read_text("utf-8")).values())
    if ADMIN_PASSWORD and not one("SELECT * FROM users WHERE username = ?", "olga"):
        hashed = hasher.hash(ADMIN_PASSWORD)
        fields = {"username": "olga", "email": "o@example.com", "full_name": "O"}
        with suppress(sqlite3.IntegrityError):
            add(fields | {"password_hash": hashed})
    yield


app = FastAPI(lifespan=ready)


@app.exception_handler(RequestValidationError)
async def unreadable(request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 without the input."""
    found = [{"loc": e["loc"], "msg": e["msg"], "type": e["type"]} for e in error.errors()]
    return JSONResponse({"detail": found}, 422)


def holder(token: str) -> tuple[Row, Row]:
    """Return claims and row of a good token. Raises all sorts of exceptions for a bad one."""
    options: Any = {"require": ["exp", "iat", "sub"]}
    claims = jwt.decode(token, SECRET_KEY, ["HS256"], options=options, leeway=0)
    if type(claims["exp"]) is not int or type(claims["iat"]) is not int:
        raise TypeError
    row = one("SELECT * FROM users WHERE id = ?", claims["sub"])
    if not row or row["disabled"]:
        raise LookupError
    return claims, row


Header = Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))]
Shown = Annotated[object, Security(OAuth2PasswordBearer("token", auto_error=False))]


async def caller(header: Header, _: Shown) -> Row:
    """Return who is calling."""
    if not header or not header.credentials:
        raise HTTPException(401, "Sign in", BASIC)
    try:
        return (await asyncio.to_thread(holder, header.credentials))[1]
    except Exception:
        raise HTTPException(401, "Sign in again", BAD) from None


Caller = Annotated[Row, Security(caller)]


def shown(row: Row) -> dict[str, str]:
    """Return what a user may know."""
    return {name: row[name] for name in SHOWN}


@app.get("/profile")
async def profile(user: Caller) -> dict[str, str]:
    """Welcome the caller."""
    return {"message": f"Welcome, {user['username']}."} | shown(user)


@app.get("/users/me")
async def me(user: Caller) -> dict[str, str]:
    """Return the caller."""
    return shown(user)


@app.delete("/users/me")
async def leave(user: Caller) -> Response:
    """Delete the caller."""
    with database() as connection:
        connection.execute("DELETE FROM users WHERE id = ?", (user["id"],))
    return Response(status_code=204)


@app.get("/protected")
async def protected(user: Caller) -> dict[str, bool]:
    """Answer whoever is signed in."""
    return {"ok": True}


@app.post("/introspect")
async def introspect(user: Caller, token: Annotated[str, Form()] = "") -> Row:
    """Tell what a token is worth."""
    try:
        claims, _ = holder(token)
    except Exception:
        return {"active": False}
    return {"active": True} | claims


@app.post("/register", status_code=201)
def register(new: NewUser) -> dict[str, str]:
    """Open an account."""
    fields = new.model_dump() | {"password_hash": hasher.hash(new.password)}
    del fields["password"]
    try:
        return shown(add(fields))
    except sqlite3.IntegrityError:
        raise HTTPException(409, "taken") from None


def signed_in(username: str, password: str) -> JSONResponse | None:
    """Return a token answer, or None."""
    row = one("SELECT * FROM users WHERE username = ?", username)
    try:
        hasher.verify(row["password_hash"] if row else DUMMY, password)
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return None
    if not row or row["disabled"]:
        return None
    now = int(time.time())
    claims = {"sub": row["id"], "iat": now, "exp": now + ACCESS_TOKEN_SECONDS}
    body = {"access_token": jwt.encode(claims, SECRET_KEY), "token_type": "bearer"}
    body |= {"expires_in": ACCESS_TOKEN_SECONDS}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> JSONResponse:
    """Give a token for JSON."""
    if answer := signed_in(username, password):
        return answer
    raise HTTPException(401, "No", BASIC)


@app.post("/token")
async def token(request: Request) -> JSONResponse:
    """Give a token for a form."""
    form = await request.form()
    name, password = form.get("username"), form.get("password")
    twice = len(form.multi_items()) > len(form)
    if twice or not isinstance(name, str) or not isinstance(password, str):
        return JSONResponse({"error": "invalid_request"}, 400)
    answer = await asyncio.to_thread(signed_in, name, password)
    return answer or JSONResponse({"error": "invalid_grant"}, 400)
