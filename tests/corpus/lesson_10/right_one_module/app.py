"""The whole service in one module: sqlite3, joserfc, argon2, and no SQLAlchemy."""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, EmailStr, Field

HOME = Path(os.environ.get("DATA_DIR") or "var/one-module")
HOME.mkdir(parents=True, exist_ok=True)
KEY = OctKey.import_key(os.environ.get("SECRET_KEY") or secrets.token_hex(32))
SECONDS = 60 * int(os.environ.get("ACCESS_TOKEN_MINUTES") or 15)
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
NOBODY = HASHER.hash(secrets.token_hex())
TABLES = """
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL, full_name TEXT NOT NULL,
    password_hash TEXT NOT NULL, disabled BOOLEAN NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS users_name ON users (lower(username));
CREATE TABLE IF NOT EXISTS user_roles (
    user_id TEXT REFERENCES users ON DELETE CASCADE, role TEXT, PRIMARY KEY (user_id, role));
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    title TEXT NOT NULL, body TEXT NOT NULL);
"""
BIT = {"notes:read": 1, "notes:write": 2, "account:write": 4, "users:admin": 8}


def connected() -> sqlite3.Connection:
    """Open the database."""
    db = sqlite3.connect(HOME / "app.db", check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys=ON")
    return db


def session() -> Iterator[sqlite3.Connection]:
    """Give one request a connection."""
    db = connected()
    try:
        yield db
    finally:
        db.close()


Db = Annotated[sqlite3.Connection, Depends(session)]


class Change(BaseModel):
    """What a user may change."""

    email: EmailStr
    full_name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")


class NewUser(Change):
    """What a newcomer sends."""

    username: str = Field(pattern=r"^[A-Za-z0-9_-]{3,32}$")
    password: str = Field(min_length=8, max_length=200)


class Names(BaseModel):
    """What a login sends."""

    username: str
    password: str


class NewNote(BaseModel):
    """A note to be."""

    title: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    body: str = Field(max_length=10_000, pattern=r"^[^\x00]*$")


class Roles(BaseModel):
    """All the roles of a user."""

    roles: list[str]


class Lock(BaseModel):
    """Whether a user is locked out."""

    disabled: bool


def roles_of(db: sqlite3.Connection, user_id: str) -> list[str]:
    """Return the roles that somebody has now."""
    rows = db.execute("SELECT role FROM user_roles WHERE user_id = ?", [user_id])
    return [row["role"] for row in rows]


def shown(db: sqlite3.Connection, user_id: str) -> dict[str, Any]:
    """Return a user as the API shows one. Raises a 404."""
    find = "SELECT id, username, email, full_name FROM users WHERE id = ?"
    row = db.execute(find, [user_id]).fetchone()
    if row is None:
        raise HTTPException(404)
    return {**row, "roles": roles_of(db, user_id)}


def add(db: sqlite3.Connection, new: NewUser) -> str:
    """Store somebody new; return the id."""
    user_id = secrets.token_hex(8)
    fields = [user_id, new.username, new.email, new.full_name, HASHER.hash(new.password)]
    try:
        db.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, 0)", fields)
    except sqlite3.IntegrityError:
        raise HTTPException(409) from None
    return user_id


def checked(db: sqlite3.Connection, username: str, password: str) -> str | None:
    """Return the id of whom this password opens."""
    found = None
    if username.isprintable():
        find = "SELECT * FROM users WHERE lower(username) = lower(?)"
        found = db.execute(find, [username]).fetchone()
    try:
        HASHER.verify(found["password_hash"] if found else NOBODY, password)
    except (Argon2Error, InvalidHashError, UnicodeError):
        return None
    return found["id"] if found and not found["disabled"] else None


def allowed(db: sqlite3.Connection, user_id: str) -> int:
    """Return the scopes that somebody may have, as bits."""
    return 15 if "admin" in roles_of(db, user_id) else 7


def answer(db: sqlite3.Connection, user_id: str, wish: str) -> dict[str, Any]:
    """Return a token; one that may do nothing, if nothing of the wish is left."""
    bits = sum({BIT.get(word, 0) for word in wish.split(" ")}) if wish else 15
    bits &= allowed(db, user_id)
    scope = " ".join(name for name, bit in BIT.items() if bits & bit)
    now = int(time.time())
    claims = {"sub": user_id, "iat": now, "exp": now + SECONDS, "scope": scope}
    token = jwt.encode({"alg": "HS256"}, claims, KEY, algorithms=["HS256"])
    return {
        "access_token": token, "token_type": "bearer", "expires_in": SECONDS, "scope": scope
    }  # fmt: skip


def verified(db: sqlite3.Connection, token: str) -> dict[str, Any]:
    """Return the claims of a good token of somebody who may come in. Raises LookupError."""
    registry = jwt.JWTClaimsRegistry(
        sub={"essential": True}, exp={"essential": True}, iat={"essential": True}
    )
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"]).claims
        registry.validate(claims)
    except (JoseError, ValueError, RecursionError) as error:
        raise LookupError from error
    sub = claims["sub"]
    if not isinstance(sub, str) or not sub.isprintable() or type(claims["exp"]) is not int:
        raise LookupError
    row = db.execute("SELECT disabled FROM users WHERE id = ?", [sub]).fetchone()
    if row is None or row["disabled"]:
        raise LookupError
    return claims


def challenge(status: int, **told: str) -> HTTPException:
    """Return a refusal with a challenge."""
    parts = ",".join(f' {name}="{value}"' for name, value in told.items())
    return HTTPException(status, headers={"WWW-Authenticate": f"Bearer{parts}"})


bearer = HTTPBearer(auto_error=False)
docs = OAuth2PasswordBearer(tokenUrl="token", auto_error=False, scopes={n: n for n in BIT})


def needs(*scopes: str, role: str | None = None) -> Callable[..., dict[str, Any]]:
    """Return a dependency that wants these scopes, and perhaps a role."""

    def guard(
        db: Db, sent: Annotated[Any, Depends(bearer)], _: Annotated[Any, Depends(docs)]
    ) -> dict[str, Any]:
        if sent is None or not sent.credentials.strip():
            raise challenge(401)
        try:
            claims = verified(db, sent.credentials.strip())
        except LookupError:
            raise challenge(401, error="invalid_token") from None
        has = claims.get("scope")
        has = has.split() if isinstance(has, str) else []
        if missing := [one for one in scopes if one not in has]:
            raise challenge(403, error="insufficient_scope", scope=" ".join(missing))
        if role and role not in roles_of(db, claims["sub"]):
            raise HTTPException(403)
        return claims

    return guard


def caller(*scopes: str, role: str | None = None) -> Any:
    """Return the type of a parameter that gets the claims of such a caller."""
    return Annotated[dict[str, Any], Depends(needs(*scopes, role=role))]


Anybody, Reader, Writer = caller(), caller("notes:read"), caller("notes:write")
Keeper = caller("account:write")
RULE = [Depends(needs("users:admin", role="admin"))]

app = FastAPI()


@app.exception_handler(RequestValidationError)
def unreadable(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "unreadable"}, 422)


with connected() as start:
    start.executescript(TABLES)
    if os.environ.get("ADMIN_PASSWORD"):
        try:
            olga = NewUser(
                username="olga", email="olga@example.com", full_name="Olga",
                password=os.environ["ADMIN_PASSWORD"],
            )  # fmt: skip
            start.execute("INSERT INTO user_roles VALUES (?, 'admin')", [add(start, olga)])
        except HTTPException:
            pass
start.close()


@app.post("/register", status_code=201)
def register(new: NewUser, db: Db) -> Any:
    return shown(db, add(db, new))


@app.post("/login")
def login(names: Names, db: Db, response: Response) -> Any:
    user_id = checked(db, names.username, names.password)
    if user_id is None:
        raise challenge(401)
    response.headers["Cache-Control"] = "no-store"
    return answer(db, user_id, "")


@app.post("/token")
async def token(request: Request, db: Db) -> JSONResponse:
    pairs = (await request.form()).multi_items()
    form = {name: str(value) for name, value in pairs}
    error = "invalid_request" if len(form) < len(pairs) or "username" not in form else ""
    if not error and form.get("grant_type", "password") != "password":
        error = "unsupported_grant_type"
    user_id = None if error else checked(db, form["username"], form.get("password", ""))
    if user_id is None:
        return JSONResponse({"error": error or "invalid_grant"}, 400)
    body = answer(db, user_id, form.get("scope", "").strip())
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@app.post("/introspect")
async def introspect(request: Request, by: Anybody, db: Db) -> Any:
    try:
        claims = verified(db, str((await request.form()).get("token", "")))
    except LookupError:
        return {"active": False}
    return {"active": True, "sub": claims["sub"], "exp": claims["exp"]}


@app.get("/profile")
def profile(by: Anybody, db: Db) -> Any:
    user = shown(db, by["sub"])
    return {"message": f"Welcome {user['username']}", **user}


@app.get("/protected")
def protected(by: Anybody) -> Any:
    return {}


@app.get("/users/me")
def me(by: Anybody, db: Db) -> Any:
    return shown(db, by["sub"])


@app.delete("/users/me", status_code=204)
def close(by: Keeper, db: Db) -> None:
    db.execute("DELETE FROM users WHERE id = ?", [by["sub"]])


@app.put("/users/{user_id}")
def change(user_id: str, new: Change, by: Keeper, db: Db) -> Any:
    rules = "admin" in roles_of(db, by["sub"]) and "users:admin" in by["scope"].split()
    if user_id != by["sub"] and not rules:
        raise HTTPException(404)
    wanted = [new.email, new.full_name, user_id]
    db.execute("UPDATE users SET email = ?, full_name = ? WHERE id = ?", wanted)
    return shown(db, user_id)


@app.get("/notes")
def notes(by: Reader, db: Db) -> Any:
    find = "SELECT id, title, body FROM notes WHERE owner_id = ?"
    return [dict(row) for row in db.execute(find, [by["sub"]])]


@app.post("/notes", status_code=201)
def write(new: NewNote, by: Writer, db: Db) -> Any:
    add_it = "INSERT INTO notes (owner_id, title, body) VALUES (?, ?, ?)"
    return {"id": db.execute(add_it, [by["sub"], new.title, new.body]).lastrowid, **dict(new)}


@app.get("/notes/{number}")
def read(number: int, by: Reader, db: Db) -> Any:
    find = "SELECT id, title, body FROM notes WHERE id = ? AND owner_id = ?"
    if row := db.execute(find, [number, by["sub"]]).fetchone():
        return dict(row)
    raise HTTPException(404)


@app.put("/notes/{number}")
def rewrite(number: int, new: NewNote, by: Writer, db: Db) -> Any:
    wanted = [new.title, new.body, number, by["sub"]]
    do = "UPDATE notes SET title = ?, body = ? WHERE id = ? AND owner_id = ?"
    if db.execute(do, wanted).rowcount:
        return {"id": number, **dict(new)}
    raise HTTPException(404)


@app.delete("/notes/{number}", status_code=204)
def drop(number: int, by: Writer, db: Db) -> None:
    do = "DELETE FROM notes WHERE id = ? AND owner_id = ?"
    if not db.execute(do, [number, by["sub"]]).rowcount:
        raise HTTPException(404)


@app.get("/admin", dependencies=RULE)
def hall() -> Any:
    return {"message": "hello"}


@app.get("/users", dependencies=RULE)
def everybody(db: Db) -> Any:
    return [shown(db, row["id"]) for row in db.execute("SELECT id FROM users").fetchall()]


@app.post("/users", status_code=201, dependencies=RULE)
def make(new: NewUser, db: Db) -> Any:
    return shown(db, add(db, new))


def keeps_an_admin(db: sqlite3.Connection) -> None:
    """Undo what took the last admin, and refuse."""
    find = (
        "SELECT 1 FROM user_roles JOIN users ON id = user_id WHERE role = 'admin' AND NOT disabled"
    )
    if db.execute(find).fetchone() is None:
        db.execute("ROLLBACK")
        raise HTTPException(409)
    db.execute("COMMIT")


@app.put("/users/{user_id}/roles", dependencies=RULE)
def give(user_id: str, wanted: Roles, db: Db) -> Any:
    shown(db, user_id)
    if unknown := set(wanted.roles) - {"admin"}:
        raise HTTPException(422, f"no such role: {json.dumps(sorted(unknown))}")
    db.execute("BEGIN IMMEDIATE")
    db.execute("DELETE FROM user_roles WHERE user_id = ?", [user_id])
    for role in set(wanted.roles):
        db.execute("INSERT INTO user_roles VALUES (?, ?)", [user_id, role])
    keeps_an_admin(db)
    return shown(db, user_id)


@app.put("/users/{user_id}/disabled", dependencies=RULE)
def lock(user_id: str, wanted: Lock, db: Db) -> Any:
    shown(db, user_id)
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE users SET disabled = ? WHERE id = ?", [wanted.disabled, user_id])
    keeps_an_admin(db)
    return shown(db, user_id)
