"""The service on Starlette, sqlite3, joserfc and argon2: no FastAPI, no SQLAlchemy, one file."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

FILE = Path(os.environ["DATA_DIR"]) / "app.db"
KEY = OctKey.import_key(os.environ["SECRET_KEY"])
MINUTES = int(os.environ.get("ACCESS_TOKEN_MINUTES") or 15)
hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
NOBODY = hasher.hash(uuid4().hex)
TABLES = """
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL,
  full_name TEXT NOT NULL, password_hash TEXT NOT NULL, disabled BOOLEAN NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS names ON users (lower(username));
CREATE TABLE IF NOT EXISTS user_roles (role TEXT NOT NULL, user_id TEXT NOT NULL
  REFERENCES users (id) ON DELETE CASCADE, PRIMARY KEY (user_id, role));
CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id TEXT NOT NULL
  REFERENCES users (id) ON DELETE CASCADE, title TEXT NOT NULL, body TEXT NOT NULL);
"""
RULING = """SELECT count(*) FROM users JOIN user_roles ON user_id = id
  WHERE role = 'admin' AND NOT disabled"""
BY_ID = "SELECT * FROM users WHERE id = ?"
BY_NAME = "SELECT * FROM users WHERE lower(username) = ?"
CHANGE_NOTE = "UPDATE notes SET title = ?, body = ? WHERE id = ? AND owner_id = ?"
READ_NOTE = "SELECT id, title, body FROM notes WHERE id = ? AND owner_id = ?"
Row = dict[str, Any]


# -- storing -----------------------------------------------------------------------------------


@contextmanager
def database(*, keep_an_admin: bool = False) -> Iterator[sqlite3.Connection]:
    """Give a transaction that holds the file from its first moment, one at a time."""
    db = sqlite3.connect(FILE, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("BEGIN IMMEDIATE" if keep_an_admin else "BEGIN")
    try:
        before = db.execute(RULING).fetchone()[0] if keep_an_admin else 0
        yield db
        if before and not db.execute(RULING).fetchone()[0]:
            raise HTTPException(409, "One admin stays.")
        db.execute("COMMIT")
    finally:
        db.close()  # what was not committed is undone


def find(db: sqlite3.Connection, column: str, value: str) -> Row | None:
    """Return a user with roles, or None."""
    try:
        row = db.execute(BY_ID if column == "id" else BY_NAME, (value,)).fetchone()
    except UnicodeEncodeError:
        return None
    if row is None:
        return None
    roles = db.execute("SELECT role FROM user_roles WHERE user_id = ?", (row["id"],))
    return {**row, "roles": sorted(one["role"] for one in roles)}


def add(body: Row, role: str = "") -> Row:
    """Store a new user."""
    new = {name: body[name] for name in ("username", "email", "full_name")} | {"id": uuid4().hex}
    hashed = hasher.hash(body["password"])
    with database() as db:
        try:
            db.execute(
                "INSERT INTO users (id, username, email, full_name, password_hash)"
                " VALUES (?, ?, ?, ?, ?)",
                (new["id"], new["username"], new["email"], new["full_name"], hashed),
            )
        except sqlite3.IntegrityError:
            raise HTTPException(409, "This name is taken.") from None
        if role:
            db.execute("INSERT INTO user_roles (user_id, role) VALUES (?, ?)", (new["id"], role))
    return {**new, "roles": [role] if role else []}


def shown(user: Row) -> Row:
    """Return what may leave the house."""
    return {name: user[name] for name in ("id", "username", "email", "full_name", "roles")}


# -- asking --------------------------------------------------------------------------------------


def refusal(code: str = "") -> HTTPException:
    """Return a 401."""
    return HTTPException(401, "Unknown", headers={"WWW-Authenticate": f'Bearer realm="x"{code}'})


def owner_of(token: str) -> tuple[Row, Row] | None:
    """Return the user of a good token and its claims."""
    try:
        decoded = jwt.decode(token, KEY, algorithms=["HS256"])
    except (JoseError, ValueError, RecursionError):
        return None
    claims = decoded.claims
    times = [claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)]
    if any(type(one) is not int for one in times) or times[0] <= time.time():
        return None
    if max(times[1:]) > time.time() + 60 or not isinstance(claims.get("sub"), str):
        return None
    with database() as db:
        user = find(db, "id", claims["sub"])
    return (user, claims) if user and not user["disabled"] else None


def caller(request: Request) -> Row:
    """Return who is calling, or refuse."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refusal()
    found = owner_of(token.strip())
    if found is None:
        raise refusal(', error="invalid_token"')
    return found[0]


def ruler(request: Request) -> Row:
    """Return the admin who is calling, or refuse."""
    user = caller(request)
    if "admin" not in user["roles"]:
        raise HTTPException(403, "For admins.")
    return user


TEXT = r"[^\x00-\x1f\x7f-\x9f]"
RULES = {
    "username": r"[A-Za-z0-9_-]{3,32}",
    "email": r"[^@\s]+@[^@\s]+\.[a-z]+",
    "full_name": TEXT + r"{1,100}",
    "password": r"[^\x00]{8,72}",
    "title": TEXT + r"{1,100}",
    "body": r"[^\x00]{0,10000}",
}


async def read(request: Request, *names: str) -> Row:
    """Return the fields of a JSON body, each by its rule, or refuse with 422."""
    try:
        body = json.loads(await request.body())
        good = {name: body[name] for name in names}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise HTTPException(422, "Unreadable") from None
    for name, value in good.items():
        if name in RULES and not (isinstance(value, str) and re.fullmatch(RULES[name], value)):
            raise HTTPException(422, f"{name} breaks a rule")
    return good


def token_answer(user: Row) -> Response:
    """Return a fresh token."""
    now = int(time.time())
    claims = {"sub": user["id"], "iat": now, "exp": now + 60 * MINUTES}
    token = jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, KEY)
    body = {"access_token": token, "token_type": "bearer", "expires_in": 60 * MINUTES}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def known(username: Any, password: Any) -> Row | None:
    """Return the user whom name and password open."""
    if not isinstance(username, str) or not isinstance(password, str):
        return None
    with database() as db:
        user = find(db, "username", username.lower())
    try:
        hasher.verify(user["password_hash"] if user else NOBODY, password)
    except (VerificationError, UnicodeEncodeError):
        return None
    return user if user and not user["disabled"] else None


# -- the routes ------------------------------------------------------------------------------------


async def register(request: Request) -> Response:
    """Open an account; at /users an admin does."""
    if request.url.path == "/users":
        ruler(request)
    new = await read(request, "username", "email", "full_name", "password")
    return JSONResponse(shown(add(new)), 201)


async def login(request: Request) -> Response:
    """Log in by JSON."""
    sent = await read(request, "username")
    secret = await request.json()
    user = known(sent["username"], secret.get("password"))
    if user is None:
        raise refusal()
    return token_answer(user)


async def token(request: Request) -> Response:
    """Log in by form."""
    pairs = (await request.form()).multi_items()
    fields = dict(pairs)
    if len(fields) != len(pairs):
        return JSONResponse({"error": "invalid_request"}, 400)
    user = known(fields.get("username"), fields.get("password"))
    return token_answer(user) if user else JSONResponse({"error": "invalid_grant"}, 400)


async def introspect(request: Request) -> Response:
    """Tell what a token is worth."""
    caller(request)
    found = owner_of(str((await request.form()).get("token", "")))
    if found is None:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, "sub": found[0]["id"], "exp": found[1]["exp"]})


async def profile(request: Request) -> Response:
    """Welcome the caller."""
    user = caller(request)
    return JSONResponse({"message": f"Welcome {user['username']}", **shown(user)})


async def me(request: Request) -> Response:
    """Show or close the caller's account."""
    user = caller(request)
    if request.method == "DELETE":
        with database(keep_an_admin=True) as db:
            db.execute("DELETE FROM users WHERE id = ?", (user["id"],))
        return Response(status_code=204)
    return JSONResponse(shown(user))


async def notes(request: Request) -> Response:
    """List and write notes."""
    user = caller(request)
    if request.method == "POST":
        new = await read(request, "title", "body")
        with database() as db:
            values = (user["id"], new["title"], new["body"])
            done = db.execute("INSERT INTO notes (owner_id, title, body) VALUES (?, ?, ?)", values)
        return JSONResponse({"id": done.lastrowid, **new}, 201)
    with database() as db:
        rows = db.execute("SELECT id, title, body FROM notes WHERE owner_id = ?", (user["id"],))
        return JSONResponse([dict(row) for row in rows])


async def note(request: Request) -> Response:
    """Read one note, change or delete it."""
    user, number = caller(request), request.path_params["number"]
    mine = (number if number < 2**62 else 0, user["id"])
    new = await read(request, "title", "body") if request.method == "PUT" else {}
    with database() as db:
        if new:
            db.execute(CHANGE_NOTE, (*new.values(), *mine))
        row = db.execute(READ_NOTE, mine).fetchone()
        if row is None:
            raise HTTPException(404)
        if request.method == "DELETE":
            db.execute("DELETE FROM notes WHERE id = ?", (row["id"],))
    if request.method == "DELETE":
        return Response(status_code=204)
    return JSONResponse(dict(row))


async def admin(request: Request) -> Response:
    """Greet an admin."""
    return JSONResponse({"hello": ruler(request)["username"]})


async def users(request: Request) -> Response:
    """List all users."""
    ruler(request)
    with database() as db:
        ids = [row["id"] for row in db.execute("SELECT id FROM users")]
        return JSONResponse([shown(find(db, "id", one) or {}) for one in ids])


def changed(guard: Callable[[Request], Row], statement: str, *fields: str) -> Any:
    """Return a route that changes a user, for whom the guard lets in."""

    async def route(request: Request) -> Response:
        who, user_id = guard(request), request.path_params["user_id"]
        if guard is caller and who["id"] != user_id and "admin" not in who["roles"]:
            raise HTTPException(404)
        new = await read(request, *fields)
        with database(keep_an_admin=True) as db:
            if find(db, "id", user_id) is None:
                raise HTTPException(404)
            apply(db, user_id, statement, new)
            return JSONResponse(shown(find(db, "id", user_id) or {}))

    return route


def apply(db: sqlite3.Connection, user_id: str, statement: str, new: Row) -> None:
    """Change a user, or refuse with 422."""
    if "disabled" in new and not isinstance(new["disabled"], bool):
        raise HTTPException(422, "true or false")
    if "roles" not in new:
        db.execute(statement, (*new.values(), user_id))
        return
    roles = new["roles"]
    if not isinstance(roles, list) or not all(one in ("admin", "editor") for one in roles):
        raise HTTPException(422, "no such role")
    db.execute("DELETE FROM user_roles WHERE user_id = ?", (user_id,))
    db.executemany(statement, [(role, user_id) for role in set(roles)])


async def protected(request: Request) -> Response:
    """Say hello."""
    return JSONResponse({"hello": caller(request)["username"]})


async def docs(request: Request) -> Response:
    """Show a small page."""
    return HTMLResponse('<a href="/openapi.json">The description of this service</a>')


async def openapi(request: Request) -> Response:
    """Describe the service."""
    scheme = {"type": "oauth2", "flows": {"password": {"tokenUrl": "token", "scopes": {}}}}
    paths = {
        re.sub(r":\w+", "", one.path): {method.lower(): {} for method in one.methods or ()}
        for one in ROUTES
    }
    whole = {"components": {"securitySchemes": {"password": scheme}}, "paths": paths}
    return JSONResponse({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, **whole})


def http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTPException as JSON."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


@asynccontextmanager
async def started(app: Starlette) -> AsyncIterator[None]:
    """Make the tables, and Olga."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(FILE)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(TABLES)
    db.close()
    password = os.environ.get("ADMIN_PASSWORD")
    with database() as db:
        missing = find(db, "username", "olga") is None
    if password and missing:
        body = {"username": "olga", "email": "olga@example.com", "full_name": "Olga"}
        add(body | {"password": password}, "admin")
    yield


ROLES = "INSERT INTO user_roles (role, user_id) VALUES (?, ?)"
LOCK = "UPDATE users SET disabled = ? WHERE id = ?"
NAMES = "UPDATE users SET full_name = ?, email = ? WHERE id = ?"
ROUTES = [
    Route("/register", register, methods=["POST"]),
    Route("/login", login, methods=["POST"]),
    Route("/token", token, methods=["POST"]),
    Route("/introspect", introspect, methods=["POST"]),
    Route("/profile", profile),
    Route("/protected", protected),
    Route("/users/me", me, methods=["GET", "DELETE"]),
    Route("/notes", notes, methods=["GET", "POST"]),
    Route("/notes/{number:int}", note, methods=["GET", "PUT", "DELETE"]),
    Route("/admin", admin),
    Route("/users", users),
    Route("/users", register, methods=["POST"]),
    Route("/users/{user_id}", changed(caller, NAMES, "full_name", "email"), methods=["PUT"]),
    Route("/users/{user_id}/roles", changed(ruler, ROLES, "roles"), methods=["PUT"]),
    Route("/users/{user_id}/disabled", changed(ruler, LOCK, "disabled"), methods=["PUT"]),
]
app = Starlette(
    routes=[*ROUTES, Route("/docs", docs), Route("/openapi.json", openapi)],
    exception_handlers={HTTPException: http_error},
    lifespan=started,
)
