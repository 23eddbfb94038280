"""The service in one module: plain sqlite3, argon2, PyJWT, and no SQLAlchemy."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from secrets import token_urlsafe
from typing import Annotated, Any
from uuid import uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordBearer
from fastapi_offline import FastAPIOffline

from .errors import StoreDown, refuse_for_now, refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, no_store, refuse_client
from .schemas import Credentials, Disabled, NewNote, NewPassword, NewUser, Roles, UserChange
from .settings import ACCESS_TOKEN_SECONDS, ADMIN_PASSWORD, DATA_DIR, REDIS_URL, SECRET_KEY

if REDIS_URL:
    from .redis_list import RedisList

TABLES = """
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, username TEXT UNIQUE COLLATE NOCASE,
    email TEXT, full_name TEXT, password_hash TEXT, disabled BOOLEAN DEFAULT 0,
    era INTEGER DEFAULT 1);
CREATE TABLE IF NOT EXISTS user_roles (user_id TEXT, role TEXT, PRIMARY KEY (user_id, role));
CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id TEXT,
    title TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS revoked_tokens (jti TEXT PRIMARY KEY, expires_at INTEGER);
"""
USER_SCOPES = ["account:write", "notes:read", "notes:write"]
hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
scheme = OAuth2PasswordBearer(tokenUrl="token", auto_error=False)
redis = RedisList(REDIS_URL) if REDIS_URL else None
NOBODY = hasher.hash(token_urlsafe())
Row = dict[str, Any]


def opened() -> sqlite3.Connection:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(
        DATA_DIR / "app.db", timeout=10, isolation_level=None, check_same_thread=False
    )
    db.row_factory = lambda cursor, row: {
        column[0]: value for column, value in zip(cursor.description, row, strict=True)
    }
    return db


def connection() -> Iterator[sqlite3.Connection]:
    with closing(opened()) as db:
        yield db


Db = Annotated[sqlite3.Connection, Depends(connection)]


def one(db: sqlite3.Connection, question: str, *values: Any) -> Row | None:
    try:
        found: Row | None = db.execute(question, values).fetchone()
    except UnicodeEncodeError:
        return None
    return found


def user_by(db: sqlite3.Connection, column: str, value: str) -> Row | None:
    user = one(db, f"SELECT * FROM users WHERE {column} = ?", value)  # noqa: S608
    if user:
        rows = db.execute("SELECT role FROM user_roles WHERE user_id = ?", (user["id"],))
        user["roles"] = [row["role"] for row in rows]
    return user


def public(user: Row) -> Row:
    return {key: user[key] for key in ("id", "username", "email", "full_name", "roles")}


def fits(password: str, password_hash: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError, UnicodeError):
        return False


def forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM revoked_tokens WHERE expires_at <= ?", (time.time(),))


def enter(db: sqlite3.Connection, new: Row, *roles: str) -> Row:
    user = new | {"id": uuid4().hex, "password_hash": hasher.hash(new["password"])}
    try:
        db.execute(
            "INSERT INTO users (id, username, email, full_name, password_hash)"
            " VALUES (:id, :username, :email, :full_name, :password_hash)",
            user,
        )
    except sqlite3.IntegrityError as problem:
        raise HTTPException(409, "Taken") from problem
    db.executemany("INSERT INTO user_roles VALUES (?, ?)", [(user["id"], role) for role in roles])
    return public(user | {"roles": list(roles)})


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with closing(opened()) as db:
        db.executescript(TABLES)
        forget(db)
        if ADMIN_PASSWORD:
            olga = {"username": "olga", "email": "olga@example.com", "full_name": "Olga"}
            with suppress(HTTPException):
                enter(db, olga | {"password": ADMIN_PASSWORD}, "admin")
    yield


app = FastAPIOffline(lifespan=lifespan)
app.add_exception_handler(RequestValidationError, refuse_input)  # type: ignore[arg-type]
app.add_exception_handler(OAuthError, refuse_client)  # type: ignore[arg-type]
app.add_exception_handler(StoreDown, refuse_for_now)


@app.exception_handler(sqlite3.Error)
async def out_of_order(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": "Out of order"}, 503, headers={"Retry-After": "30"})


# -- tokens --------------------------------------------------------------------------------------


def issue(user: Row, asked: list[str]) -> Row:
    allowed = USER_SCOPES + (["users:admin"] if "admin" in user["roles"] else [])
    scope = " ".join(one for one in allowed if not asked or one in asked)
    if not scope:
        raise OAuthError("invalid_scope")
    now = int(time.time())
    claims = {"sub": user["id"], "iat": now, "exp": now + ACCESS_TOKEN_SECONDS, "scope": scope}
    claims |= {"jti": token_urlsafe(18), "era": user["era"]}
    token = jwt.encode(claims, SECRET_KEY, "HS256")
    answer = {"access_token": token, "token_type": "bearer", "scope": scope}
    return answer | {"expires_in": ACCESS_TOKEN_SECONDS}


def read(token: str) -> Row | None:
    """Return the claims of a good token of ours, whoever has taken it back; else None."""
    needed = {"require": ["sub", "exp", "iat", "jti", "era"]}
    try:
        claims = jwt.decode(token, SECRET_KEY, ["HS256"], options=needed)
    except (jwt.InvalidTokenError, UnicodeError):
        return None
    whole = all(type(claims[one]) is int for one in ("exp", "iat"))
    return claims if whole and claims["jti"].isprintable() and claims["jti"] else None


def owner(db: sqlite3.Connection, token: str) -> tuple[Row, Row] | None:
    claims = read(token)
    if claims is None:
        return None
    user = user_by(db, "id", claims["sub"])
    if is_denied(db, claims):
        return None
    if user is None or user["disabled"] or claims["era"] != user["era"]:
        return None
    return user, claims


def is_denied(db: sqlite3.Connection, claims: Row) -> bool:
    if redis:
        return redis.is_denied(claims)
    return one(db, "SELECT 1 FROM revoked_tokens WHERE jti = ?", claims["jti"]) is not None


def deny(db: sqlite3.Connection, claims: Row) -> None:
    if redis:
        redis.deny(claims)
        return
    entry = claims["jti"], min(claims["exp"], 2**62)
    db.execute("INSERT OR IGNORE INTO revoked_tokens (jti, expires_at) VALUES (?, ?)", entry)


class Caller:
    """Who sends a good token; may be asked to have scopes and a role."""

    def __init__(self, scope: str = "", role: str = "") -> None:
        self.scope, self.role = scope, role

    def __call__(self, db: Db, token: Annotated[str | None, Depends(scheme)]) -> Row:
        """Return the user, with the token's claims."""
        if not token:
            raise HTTPException(401, "Who are you?", headers={"WWW-Authenticate": "Bearer"})
        found = owner(db, token)
        if not found:
            bad = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise HTTPException(401, "Not a good token", headers=bad)
        user, claims = found
        if self.scope and self.scope not in str(claims.get("scope", "")).split():
            poor = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'}
            raise HTTPException(403, "Not with this token", headers=poor)
        if self.role and self.role not in user["roles"]:
            raise HTTPException(403, "Not you")
        return user | {"claims": claims}


Anybody = Annotated[Row, Depends(Caller())]
Keeper = Annotated[Row, Depends(Caller("account:write"))]
Reader = Annotated[Row, Depends(Caller("notes:read"))]
Writer = Annotated[Row, Depends(Caller("notes:write"))]
admins = APIRouter(dependencies=[Depends(Caller("users:admin", "admin"))])


def known(db: sqlite3.Connection, name: str, password: str) -> Row | None:
    user = user_by(db, "username", name)
    right = fits(password, user["password_hash"] if user else NOBODY)
    return user if user and right and not user["disabled"] else None


@app.post("/login", dependencies=[Depends(no_store)])
def login(sent: Credentials, db: Db) -> Row:
    user = known(db, sent.username, sent.password)
    if not user:
        raise HTTPException(401, "No", headers={"WWW-Authenticate": "Bearer"})
    return issue(user, [])


@app.post("/token", dependencies=[Depends(each_field_once), Depends(no_store)])
def token(form: PasswordForm, db: Db) -> Row:
    user = known(db, form.username, form.password)
    if not user:
        raise OAuthError("invalid_grant")
    return issue(user, form.scopes)


@app.post("/introspect")
def introspect(caller: Anybody, db: Db, token: Annotated[str, Form()] = "") -> Row:
    found = owner(db, token)
    return {"active": True, "sub": found[0]["id"], "exp": found[1]["exp"]} if found else INACTIVE


INACTIVE = {"active": False}


# -- this lesson ---------------------------------------------------------------------------------


@app.post("/logout", status_code=204)
def logout(caller: Anybody, db: Db) -> None:
    deny(db, caller["claims"])
    forget(db)


@app.post("/logout-everywhere", status_code=204)
def logout_everywhere(caller: Anybody, db: Db) -> None:
    db.execute("UPDATE users SET era = era + 1 WHERE id = ?", (caller["id"],))


@app.post("/revoke")
def revoke(db: Db, token: Annotated[str, Form()] = "") -> Response:
    if claims := read(token):
        deny(db, claims)
    return Response(status_code=200)


@app.put("/users/me/password", status_code=204)
def change_password(sent: NewPassword, caller: Keeper, db: Db) -> None:
    if not fits(sent.current_password, caller["password_hash"]):
        raise HTTPException(403, "No")
    fresh = hasher.hash(sent.new_password), caller["id"]
    db.execute("UPDATE users SET era = era + 1, password_hash = ? WHERE id = ?", fresh)


# -- accounts and notes ----------------------------------------------------------------------------


@app.post("/register", status_code=201)
def register(new: NewUser, db: Db) -> Row:
    return enter(db, new.model_dump())


@app.get("/profile")
def profile(caller: Anybody) -> Row:
    return public(caller) | {"message": f"Welcome {caller['username']}"}


@app.get("/users/me")
def me(caller: Anybody) -> Row:
    return public(caller)


@app.get("/protected")
def protected(caller: Anybody) -> Row:
    return {"ok": True}


@app.delete("/users/me", status_code=204)
def leave(caller: Keeper, db: Db) -> None:
    db.execute("DELETE FROM notes WHERE owner_id = ?", (caller["id"],))
    db.execute("DELETE FROM user_roles WHERE user_id = ?", (caller["id"],))
    db.execute("DELETE FROM users WHERE id = ?", (caller["id"],))


@app.put("/users/{user_id}")
def change(user_id: str, sent: UserChange, caller: Keeper, db: Db) -> Row:
    rules = "admin" in caller["roles"] and "users:admin" in caller["claims"]["scope"].split()
    if user_id != caller["id"] and not rules:
        raise HTTPException(404, "Nobody")
    wanted = sent.email, sent.full_name, user_id
    db.execute("UPDATE users SET email = ?, full_name = ? WHERE id = ?", wanted)
    user = user_by(db, "id", user_id)
    if not user:
        raise HTTPException(404, "Nobody")
    return public(user)


@app.get("/notes")
def notes(caller: Reader, db: Db) -> list[Row]:
    question = "SELECT id, title, body FROM notes WHERE owner_id = ? ORDER BY id"
    return list(db.execute(question, (caller["id"],)))


@app.post("/notes", status_code=201)
def write(new: NewNote, caller: Writer, db: Db) -> Row:
    cursor = db.execute(
        "INSERT INTO notes (owner_id, title, body) VALUES (?, ?, ?)",
        (caller["id"], new.title, new.body),
    )
    return {"id": cursor.lastrowid, **new.model_dump()}


def own(db: sqlite3.Connection, number: int, caller: Row) -> Row:
    question = "SELECT id, title, body FROM notes WHERE id = ? AND owner_id = ?"
    note = one(db, question, number, caller["id"]) if 0 < number < 2**63 else None
    if not note:
        raise HTTPException(404, "No such note")
    return note


@app.get("/notes/{number}")
def note(number: int, caller: Reader, db: Db) -> Row:
    return own(db, number, caller)


@app.put("/notes/{number}")
def rewrite(number: int, new: NewNote, caller: Writer, db: Db) -> Row:
    own(db, number, caller)
    db.execute("UPDATE notes SET title = ?, body = ? WHERE id = ?", (new.title, new.body, number))
    return {"id": number, **new.model_dump()}


@app.delete("/notes/{number}", status_code=204)
def tear_out(number: int, caller: Writer, db: Db) -> None:
    own(db, number, caller)
    db.execute("DELETE FROM notes WHERE id = ?", (number,))


@admins.get("/admin")
def admin_area() -> Row:
    return {"message": "Come in"}


@admins.get("/users")
def users(db: Db) -> list[Row]:
    ids = [row["id"] for row in db.execute("SELECT id FROM users ORDER BY username")]
    return [public(user) for user_id in ids if (user := user_by(db, "id", user_id))]


@admins.post("/users", status_code=201)
def create(new: NewUser, db: Db) -> Row:
    return enter(db, new.model_dump())


def settled(db: sqlite3.Connection, user_id: str) -> Row:
    """Commit, unless the last admin is gone or the user never was; return the user."""
    left = "SELECT 1 FROM users u JOIN user_roles r ON r.user_id = u.id AND NOT u.disabled"
    user = user_by(db, "id", user_id)
    if not user or not one(db, left + " WHERE r.role = 'admin'"):
        db.execute("ROLLBACK")
        raise HTTPException(409 if user else 404, "Not so")
    db.execute("COMMIT")
    return public(user)


@admins.put("/users/{user_id}/roles")
def roles(user_id: str, wanted: Roles, db: Db) -> Row:
    db.execute("BEGIN IMMEDIATE")
    db.execute("DELETE FROM user_roles WHERE user_id = ?", (user_id,))
    pairs = [(user_id, role) for role in wanted.roles]
    db.executemany("INSERT INTO user_roles VALUES (?, ?)", pairs)
    return settled(db, user_id)


@admins.put("/users/{user_id}/disabled")
def disabled(user_id: str, wanted: Disabled, db: Db) -> Row:
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE users SET disabled = ? WHERE id = ?", (wanted.disabled, user_id))
    return settled(db, user_id)


app.include_router(admins)
