"""The whole service on Starlette and plain sqlite3, in one file."""

import contextlib
import hashlib
import json
import os
import secrets
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import bcrypt
import jwt
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from .schemas import Credentials, Disabled, NewNote, NewPassword, NewUser, Roles, UserChange
from .settings import (
    ACCESS_TOKEN_SECONDS,
    ADMIN_PASSWORD,
    DATA_DIR,
    PASSWORD_ROUNDS,
    REFRESH_TOKEN_SECONDS,
    SECRET_KEY,
)

SCOPES = ("account:write", "notes:read", "notes:write", "users:admin")
TABLES = """
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, username TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email TEXT, full_name TEXT, password_hash TEXT, disabled INTEGER DEFAULT 0, epoch TEXT);
CREATE TABLE IF NOT EXISTS user_roles (user_id TEXT REFERENCES users ON DELETE CASCADE, role TEXT,
  PRIMARY KEY (user_id, role));
CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id TEXT REFERENCES users ON DELETE CASCADE, title TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS revoked_tokens (jti TEXT PRIMARY KEY, expires_at INTEGER);
CREATE TABLE IF NOT EXISTS refresh_tokens (token_hash TEXT PRIMARY KEY,
  user_id TEXT REFERENCES users ON DELETE CASCADE, family TEXT, scope TEXT, expires_at INTEGER,
  used_at INTEGER);
"""
ADMINS = (
    "SELECT id FROM users JOIN user_roles ON id = user_id WHERE role = 'admin' AND NOT disabled"
)
Row = dict[str, Any]


class Refused(Exception):
    """An OAuth2 error by its name."""


@contextlib.contextmanager
def transaction() -> Iterator[Callable[..., list[Row]]]:
    """Give a function that asks the database; all or nothing is kept, one writer at a time."""
    db = sqlite3.connect(DATA_DIR / "app.db", isolation_level=None)
    db.row_factory = lambda cursor, row: {
        column[0]: value for column, value in zip(cursor.description, row, strict=True)
    }
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("BEGIN IMMEDIATE")
    try:
        yield lambda statement, *values: db.execute(statement, values).fetchall()
    except BaseException:
        db.rollback()
        raise
    else:
        db.commit()
    finally:
        db.close()


def ask(statement: str, *values: Any) -> list[Row]:
    """Carry out one statement."""
    with transaction() as do:
        return do(statement, *values)


def hashed(password: str) -> str:
    """Return a slow hash."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(PASSWORD_ROUNDS)).decode()


NOBODY = hashed(secrets.token_hex(8))


def fits(password: str, known: str) -> bool:
    """Tell whether this password belongs to the hash."""
    try:
        return bcrypt.checkpw(password.encode(), known.encode())
    except ValueError:
        return False


def roles_of(user_id: str) -> list[str]:
    """Return a user's roles."""
    found = ask("SELECT role FROM user_roles WHERE user_id = ? ORDER BY role", user_id)
    return [row["role"] for row in found]


def shown(user: Row) -> Row:
    """Return what a user may know of an account."""
    names = ("id", "username", "email", "full_name")
    return {name: user[name] for name in names} | {"roles": roles_of(user["id"])}


def allowed(user_id: str) -> set[str]:
    """Return the scopes that the roles of today allow."""
    return set(SCOPES) if "admin" in roles_of(user_id) else set(SCOPES) - {"users:admin"}


# -- tokens --------------------------------------------------------------------------------


def token_answer(user: Row, scope: set[str], login: Row) -> Row:
    """Return a new pair of tokens, the next of a login."""
    now = int(time.time())
    claims = {"sub": user["id"], "iat": now, "exp": now + ACCESS_TOKEN_SECONDS}
    claims |= {"jti": uuid.uuid4().hex, "scope": " ".join(sorted(scope)), "epoch": user["epoch"]}
    claims["family"] = login["family"]
    long = secrets.token_urlsafe(48)
    ask(
        "INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?, NULL)",
        hashlib.sha512(long.encode()).hexdigest(),
        user["id"],
        login["family"],
        login["scope"],
        login["expires_at"],
    )
    return {
        "access_token": jwt.encode(claims, SECRET_KEY, "HS256", headers={"typ": "AT+JWT"}),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "scope": claims["scope"],
        "refresh_token": long,
    }


def log_in(username: str, password: str, asked: list[str]) -> Row | None:
    """Return tokens for a name and a password, None for a wrong one."""
    found = ask("SELECT * FROM users WHERE username = ?", username) if username.isascii() else []
    known = found[0]["password_hash"] if found else NOBODY
    if not fits(password, known) or not found or found[0]["disabled"]:
        return None
    scope = allowed(found[0]["id"]) & set(asked or SCOPES)
    if not scope:
        raise Refused("invalid_scope")
    login = {"family": secrets.token_hex(8), "scope": " ".join(sorted(scope))}
    login["expires_at"] = int(time.time()) + REFRESH_TOKEN_SECONDS
    return token_answer(found[0], scope, login)


def refreshed(long: str, asked: list[str]) -> Row:
    """Return new tokens for a refresh token that has not been used."""
    now, name = int(time.time()), hashlib.sha512(long.encode("utf-8", "replace")).hexdigest()
    with transaction() as do:
        found = do("SELECT * FROM refresh_tokens WHERE token_hash = ?", name)
        login = found[0] if found else {"family": "", "used_at": 0, "expires_at": 0, "scope": ""}
        fresh = login["used_at"] is None and login["expires_at"] > now
        if fresh:
            do("UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ?", now, name)
        else:
            do("DELETE FROM refresh_tokens WHERE family = ?", login["family"])
    users = ask("SELECT * FROM users WHERE id = ? AND disabled = 0", login.get("user_id", ""))
    if not fresh or not users:
        raise Refused("invalid_grant")
    had = set(login["scope"].split())
    scope = had & set(asked or had) & allowed(users[0]["id"])
    if not set(asked) <= had or not scope:
        raise Refused("invalid_scope")
    return token_answer(users[0], scope, login)


def verified(token: str) -> tuple[Row, Row]:
    """Return the claims of a good token and its user. Raises ValueError, ended for an old one."""
    try:
        claims = jwt.decode(
            token, SECRET_KEY, ["HS256"], options={"require": ["sub", "iat", "exp", "jti"]}
        )
        kind = jwt.get_unverified_header(token)["typ"].lower()
        numbers = all(type(claims[one]) is int and claims[one] < 2**63 for one in ("exp", "iat"))
        users = ask("SELECT * FROM users WHERE id = ? AND disabled = 0", claims["sub"])
        denied = ask("SELECT jti FROM revoked_tokens WHERE jti = ?", claims["jti"])
        family = ask("SELECT family FROM refresh_tokens WHERE family = ?", claims["family"])
    except jwt.ExpiredSignatureError as problem:
        raise ValueError("ended") from problem
    except Exception as problem:
        raise ValueError("not good") from problem
    good = kind == "at+jwt" and numbers and claims["jti"] and family and users and not denied
    if not good or claims.get("epoch") != users[0]["epoch"]:
        raise ValueError("not good")
    return claims, users[0]


def end_all(user_id: str) -> None:
    """End every login of a user."""
    ask("UPDATE users SET epoch = ? WHERE id = ?", secrets.token_hex(8), user_id)
    ask("DELETE FROM refresh_tokens WHERE user_id = ?", user_id)


# -- callers --------------------------------------------------------------------------------

Work = Callable[[Request, Row, Row], Awaitable[Response]]


def guarded(work: Work, scope: str = "", role: str = "") -> Callable[[Request], Any]:
    """Return a route that first finds out who is calling."""

    async def route(request: Request) -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        try:
            claims, user = await run_in_threadpool(verified, token.strip())
        except ValueError as problem:
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise HTTPException(401, str(problem), challenge) from problem
        if scope and scope not in claims.get("scope", "").split():
            challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise HTTPException(403, headers=challenge)
        if role and role not in roles_of(user["id"]):
            raise HTTPException(403)
        return await work(request, claims, user)

    return route


async def body(request: Request, model: type[BaseModel]) -> Any:
    """Return the JSON body as a model."""
    try:
        return model.model_validate(json.loads(await request.body()))
    except (ValueError, ValidationError, RecursionError):
        raise HTTPException(422, "Unreadable input") from None


async def fields(request: Request) -> dict[str, str]:
    """Return a form in which each name stands once."""
    pairs = [pair for pair in (await request.form()).multi_items() if isinstance(pair[1], str)]
    if len(dict(pairs)) < len(pairs):
        raise Refused("invalid_request")
    return {name: str(text) for name, text in pairs}


def answer(content: Row, status: int = 200) -> Response:
    """Return an answer that nobody keeps."""
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})


# -- routes --------------------------------------------------------------------------------


def open_account(new: NewUser, role: str = "") -> Row:
    """Store an account, with a role if there is one."""
    user_id, password_hash = uuid.uuid4().hex, hashed(new.password)
    values = (user_id, new.username, new.email, new.full_name, password_hash, "0")
    try:
        ask("INSERT INTO users VALUES (?, ?, ?, ?, ?, 0, ?)", *values)
    except sqlite3.IntegrityError:
        raise HTTPException(409, "taken") from None
    if role:
        ask("INSERT INTO user_roles VALUES (?, ?)", user_id, role)
    return shown(ask("SELECT * FROM users WHERE id = ?", user_id)[0])


async def register(request: Request) -> Response:
    """Open an account."""
    new = await body(request, NewUser)
    return JSONResponse(await run_in_threadpool(open_account, new), 201)


async def login(request: Request) -> Response:
    """Log in by JSON."""
    who = await body(request, Credentials)
    found = await run_in_threadpool(log_in, who.username, who.password, [])
    if found is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return answer(found)


async def token(request: Request) -> Response:
    """Log in or refresh by a form."""
    form = await fields(request)
    kind, scopes = form.get("grant_type") or "password", form.get("scope", "").split()
    if kind == "refresh_token":
        return answer(await run_in_threadpool(refreshed, form.get("refresh_token", ""), scopes))
    if kind != "password":
        raise Refused("unsupported_grant_type")
    if not form.get("username") or not form.get("password"):
        raise Refused("invalid_request")
    found = await run_in_threadpool(log_in, form["username"], form["password"], scopes)
    if found is None:
        raise Refused("invalid_grant")
    return answer(found)


async def introspect(request: Request, claims: Row, user: Row) -> Response:
    """Tell whether a token is good."""
    try:
        found, _ = verified((await fields(request)).get("token", ""))
    except ValueError:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, "sub": found["sub"], "exp": found["exp"]})


async def profile(request: Request, claims: Row, user: Row) -> Response:
    """Welcome the caller."""
    return JSONResponse({"message": f"Welcome {user['username']}"} | shown(user))


async def me(request: Request, claims: Row, user: Row) -> Response:
    """Return the caller."""
    return JSONResponse(shown(user))


async def leave(request: Request, claims: Row, user: Row) -> Response:
    """Delete the caller, unless nobody would be left who can name an admin."""
    with transaction() as do:
        had_one = do(ADMINS)
        do("DELETE FROM users WHERE id = ?", user["id"])
        if had_one and not do(ADMINS):
            raise HTTPException(409, "the last admin")
    return Response(status_code=204)


async def change(request: Request, claims: Row, user: Row) -> Response:
    """Change the caller's own account; an admin may change anybody's."""
    about = request.path_params["id"]
    rules = "users:admin" in claims["scope"].split() and "admin" in roles_of(user["id"])
    if about != user["id"] and not rules:
        raise HTTPException(404)
    new = await body(request, UserChange)
    values = (new.email, new.full_name, about)
    found = ask("UPDATE users SET email = ?, full_name = ? WHERE id = ? RETURNING *", *values)
    if not found:
        raise HTTPException(404)
    return JSONResponse(shown(found[0]))


async def new_password(request: Request, claims: Row, user: Row) -> Response:
    """Change the caller's password."""
    new = await body(request, NewPassword)
    if not fits(new.current_password, user["password_hash"]):
        raise HTTPException(403)
    ask("UPDATE users SET password_hash = ? WHERE id = ?", hashed(new.new_password), user["id"])
    end_all(user["id"])
    return Response(status_code=204)


async def logout(request: Request, claims: Row, user: Row) -> Response:
    """End this login; without its rows, its access tokens are worthless, too."""
    ask("DELETE FROM refresh_tokens WHERE family = ?", claims["family"])
    return Response(status_code=204)


async def logout_everywhere(request: Request, claims: Row, user: Row) -> Response:
    """End all logins."""
    end_all(user["id"])
    return Response(status_code=204)


async def revoke(request: Request) -> Response:
    """Take a token of either kind back."""
    found = (await fields(request)).get("token", "")
    name = hashlib.sha512(found.encode("utf-8", "replace")).hexdigest()
    own = "SELECT family FROM refresh_tokens WHERE token_hash = ?"
    ask(f"DELETE FROM refresh_tokens WHERE family IN ({own})", name)  # noqa: S608
    with contextlib.suppress(ValueError):
        claims, _ = verified(found)
        values = (claims["jti"], claims["exp"])
        ask("INSERT OR IGNORE INTO revoked_tokens VALUES (?, ?)", *values)
    return JSONResponse({})


NOTE = "SELECT id, title, body FROM notes WHERE owner_id = ?"


async def notes(request: Request, claims: Row, user: Row) -> Response:
    """List the caller's notes, or write one."""
    if request.method == "GET":
        return JSONResponse(ask(NOTE, user["id"]))
    new = await body(request, NewNote)
    statement = "INSERT INTO notes (owner_id, title, body) VALUES (?, ?, ?) RETURNING id"
    note_id = ask(statement, user["id"], new.title, new.body)[0]["id"]
    return JSONResponse({"id": note_id, "title": new.title, "body": new.body}, 201)


async def note(request: Request, claims: Row, user: Row) -> Response:
    """Return, change or delete one of the caller's notes."""
    key = (user["id"], request.path_params["id"])
    if not ask(f"{NOTE} AND id = ?", *key):
        raise HTTPException(404)
    if request.method == "DELETE":
        ask("DELETE FROM notes WHERE owner_id = ? AND id = ?", *key)
        return Response(status_code=204)
    if request.method == "PUT":
        new = await body(request, NewNote)
        statement = "UPDATE notes SET title = ?, body = ? WHERE owner_id = ? AND id = ?"
        ask(statement, new.title, new.body, *key)
    return JSONResponse(ask(f"{NOTE} AND id = ?", *key)[0])


async def admin(request: Request, claims: Row, user: Row) -> Response:
    """Greet an admin."""
    return JSONResponse({"message": "Welcome"})


async def users(request: Request, claims: Row, user: Row) -> Response:
    """List all users, or open an account."""
    if request.method == "POST":
        return JSONResponse(open_account(await body(request, NewUser)), 201)
    return JSONResponse([shown(one) for one in ask("SELECT * FROM users")])


async def settle(request: Request, claims: Row, user: Row) -> Response:
    """Set somebody's roles, or lock them out; one admin stays."""
    about, what = request.path_params["id"], request.path_params["what"]
    wanted = await body(request, {"roles": Roles, "disabled": Disabled}[what])
    with transaction() as do:
        if not do("SELECT id FROM users WHERE id = ?", about):
            raise HTTPException(404)
        if isinstance(wanted, Roles):
            do("DELETE FROM user_roles WHERE user_id = ?", about)
            for role in wanted.roles:
                do("INSERT INTO user_roles VALUES (?, ?)", about, role)
        else:
            do("UPDATE users SET disabled = ? WHERE id = ?", wanted.disabled, about)
        if not do(ADMINS):
            raise HTTPException(409, "the last admin")
    if isinstance(wanted, Disabled) and wanted.disabled:
        end_all(about)
    return JSONResponse(shown(ask("SELECT * FROM users WHERE id = ?", about)[0]))


async def docs(request: Request) -> Response:
    """Show a small page."""
    return HTMLResponse('<a href="/openapi.json">The description of this service</a>')


async def openapi(request: Request) -> Response:
    """Describe the service."""
    scopes = {name: name.replace(":", ", ") for name in SCOPES}
    flows = {"password": {"tokenUrl": "token", "refreshUrl": "token", "scopes": scopes}}
    schemes = {"securitySchemes": {"password": {"type": "oauth2", "flows": flows}}}
    about = {"openapi": "3.1.0", "info": {"title": "Refresh", "version": "1"}, "paths": {}}
    return JSONResponse(about | {"components": schemes})


async def refuse(request: Request, error: Exception) -> Response:
    """Answer an OAuth2 error."""
    return answer({"error": str(error)}, 400)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Make the tables and the admin."""
    os.makedirs(DATA_DIR, exist_ok=True)
    with contextlib.closing(sqlite3.connect(DATA_DIR / "app.db")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(TABLES)
    for table in ("revoked_tokens", "refresh_tokens"):
        ask(f"DELETE FROM {table} WHERE expires_at <= ?", time.time())  # noqa: S608
    olga = {"username": "olga", "email": "olga@example.com", "full_name": "Olga"}
    if ADMIN_PASSWORD and not ask("SELECT id FROM users WHERE username = 'olga'"):
        open_account(NewUser(password=ADMIN_PASSWORD, **olga), "admin")
    yield


async def by_method(request: Request) -> Response:
    """Read notes with one scope, write them with another."""
    work = note if "id" in request.path_params else notes
    scope = "notes:read" if request.method == "GET" else "notes:write"
    return await guarded(work, scope)(request)


OLGA = ("users:admin", "admin")
app = Starlette(
    lifespan=lifespan,
    exception_handlers={Refused: refuse},
    routes=[
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/introspect", guarded(introspect), methods=["POST"]),
        Route("/profile", guarded(profile)),
        Route("/protected", guarded(admin)),
        Route("/users/me", guarded(me)),
        Route("/users/me", guarded(leave, "account:write"), methods=["DELETE"]),
        Route("/users/me/password", guarded(new_password, "account:write"), methods=["PUT"]),
        Route("/users/{id}", guarded(change, "account:write"), methods=["PUT"]),
        Route("/logout", guarded(logout), methods=["POST"]),
        Route("/logout-everywhere", guarded(logout_everywhere), methods=["POST"]),
        Route("/revoke", revoke, methods=["POST"]),
        Route("/notes", by_method, methods=["GET", "POST"]),
        Route("/notes/{id:int}", by_method, methods=["GET", "PUT", "DELETE"]),
        Route("/admin", guarded(admin, *OLGA)),
        Route("/users", guarded(users, *OLGA), methods=["GET", "POST"]),
        Route("/users/{id}/{what}", guarded(settle, *OLGA), methods=["PUT"]),
        Route("/docs", docs),
        Route("/openapi.json", openapi),
    ],
)
