"""Everything in one module, async, with argon2 and without FastAPI's two bearer classes."""

import asyncio
import contextlib
import json
import os
import secrets
import time
import uuid
from pathlib import Path
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Body, FastAPI, Form, Header, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import AfterValidator, BaseModel, EmailStr, StringConstraints

HOME = Path(os.environ.get("DATA_DIR") or Path(__file__).parents[2] / "var" / "lesson_05_bearer")
HOME.mkdir(parents=True, exist_ok=True)
USERS = HOME / "users.json"
LIFE = 60 * int(os.environ.get("ACCESS_TOKEN_MINUTES") or 15)


def own_key() -> str:
    """Return the key that signs, made at the first start."""
    path = HOME / "key"
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


KEY = OctKey.import_key(os.environ.get("SECRET_KEY") or own_key())
hasher = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
NOBODY = {"password_hash": hasher.hash(secrets.token_hex()), "disabled": True}
writing = asyncio.Lock()

app = FastAPI(title="One module")


@app.exception_handler(RequestValidationError)
async def unfit(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the fields that are wrong, and nothing that was sent."""
    kept = [{"loc": e["loc"], "msg": e["msg"], "type": e["type"]} for e in error.errors()]
    return JSONResponse({"detail": kept}, 422)


def whole_text(text: str) -> str:
    """Refuse half characters and NUL."""
    text.encode()
    if "\0" in text:
        raise ValueError("no NUL, please")
    return text


def short_enough(text: str) -> str:
    """Refuse more than 72 bytes."""
    if len(text.encode()) > 72:
        raise ValueError("at most 72 bytes")
    return text


class Newcomer(BaseModel):
    """A registration."""

    username: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{3,32}$")]
    email: Annotated[EmailStr, StringConstraints(max_length=254)]
    full_name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
        AfterValidator(whole_text),
    ]
    password: Annotated[
        str,
        StringConstraints(min_length=8, max_length=72),
        AfterValidator(whole_text),
        AfterValidator(short_enough),
    ]


def everybody() -> dict[str, dict]:
    """Read the accounts."""
    return json.loads(USERS.read_text()) if USERS.exists() else {}


def called(name: str) -> dict | None:
    """Return the account of that name."""
    return next((u for n, u in everybody().items() if n.casefold() == name.casefold()), None)


async def needs_token(authorization: Annotated[str, Header()] = "") -> None:
    """Refuse whoever sends no bearer token."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise HTTPException(401, "no token", {"WWW-Authenticate": "Bearer"})


@app.get("/profile", openapi_extra={"security": [{"oauth": []}]})
async def profile(request: Request, username: Annotated[str, Query()] = "") -> dict[str, str]:
    """Show a public profile."""
    await needs_token(request.headers.get("authorization", ""))
    if (user := called(username)) is None:
        raise HTTPException(404)
    return {"full_name": user["full_name"], "username": user["username"]}


@app.get("/protected", openapi_extra={"security": [{"oauth": []}]})
async def protected(request: Request):
    """Show that a token came."""
    await needs_token(request.headers.get("authorization", ""))
    return {"token": "seen"}


@app.post("/register", status_code=201)
async def register(new: Newcomer):
    """Open an account."""
    password_hash = await asyncio.to_thread(hasher.hash, new.password)
    async with writing:
        if called(new.username):
            raise HTTPException(409)
        user = {"id": str(uuid.uuid4()), **new.model_dump(exclude={"password"})}
        stored = user | {"password_hash": password_hash, "disabled": False}
        draft = USERS.with_suffix(".draft")
        draft.write_text(json.dumps(everybody() | {new.username: stored}))
        draft.replace(USERS)
    return user


async def logged_in(name: str, password: str) -> dict | None:
    """Return the account that name and password open."""
    user = called(name) or NOBODY
    try:
        await asyncio.to_thread(hasher.verify, user["password_hash"], password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return None
    return None if user["disabled"] else user


def token_for(user: dict, response: Response) -> dict[str, str | int]:
    """Return a fresh token answer."""
    response.headers["Cache-Control"] = "no-store, private"
    now = int(time.time())
    claims = {"sub": user["id"], "iat": now, "exp": now + LIFE}
    token = jwt.encode({"alg": "HS256"}, claims, KEY)
    return {"access_token": token, "token_type": "bearer", "expires_in": LIFE}


@app.post("/login")
async def login(
    response: Response, username: Annotated[str, Body()], password: Annotated[str, Body()]
):
    """Log in with JSON."""
    if user := await logged_in(username, password):
        return token_for(user, response)
    raise HTTPException(401, "no", {"WWW-Authenticate": "Bearer"})


@app.post("/token")
async def token(
    request: Request,
    response: Response,
    username: Annotated[str, Form()],
    password: Annotated[str, Form()],
    grant_type: Annotated[str, Form(pattern="^password$")] = "password",
):
    """Log in with a form."""
    fields = [name for name, _ in (await request.form()).multi_items()]
    if len(fields) != len(set(fields)):
        return JSONResponse({"error": "invalid_request"}, 400)
    if user := await logged_in(username, password):
        return token_for(user, response)
    return JSONResponse({"error": "invalid_grant"}, 401, {"WWW-Authenticate": "Bearer"})


@app.post("/introspect")
async def introspect(token: Annotated[str, Form()] = ""):
    """Look at a token."""
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"]).claims
        times = [claims["iat"], claims["exp"]]
        good = all(type(t) is int for t in times) and claims["exp"] > time.time() and claims["sub"]
        claims["sub"].encode()
    except Exception:
        good = False
    return (
        {"active": True, "sub": claims["sub"], "exp": claims["exp"]} if good else {"active": False}
    )


def described() -> dict:
    """Add to FastAPI's description how one logs in."""
    if not app.openapi_schema:
        app.openapi_schema = FastAPI.openapi(app)
        password = {"tokenUrl": "/token", "scopes": {}}
        app.openapi_schema.setdefault("components", {})["securitySchemes"] = {
            "oauth": {"type": "oauth2", "flows": {"password": password}}
        }
    return app.openapi_schema


app.openapi = described
