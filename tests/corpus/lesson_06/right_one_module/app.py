"""All of it in one file, with joserfc, and asynchronous where it may be."""

import asyncio
import json
import time
import uuid
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Form, HTTPException, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError
from joserfc.jwk import OctKey
from passlib.context import CryptContext

from .schemas import NewUser
from .settings import ACCESS_TOKEN_SECONDS, DATA_DIR, PASSWORD_ROUNDS, SECRET_KEY

FILE = Path(DATA_DIR) / "users.json"
SHOWN = ("id", "username", "email", "full_name")
KEY = OctKey.import_key(SECRET_KEY.encode())
CLAIMS = jwt.JWTClaimsRegistry(
    sub={"essential": True}, iat={"essential": True}, exp={"essential": True}
)
crypt = CryptContext(["bcrypt"], bcrypt__rounds=PASSWORD_ROUNDS)
dummy = crypt.hash("x" * 20)
writing = asyncio.Lock()
app = FastAPI()

Record = dict[str, Any]


class Refused(Exception):
    """Nobody we know; carries what the challenge says."""

    def __init__(self, body: str, challenge: str) -> None:
        self.body, self.challenge = body, challenge


@app.exception_handler(Refused)
async def refuse(request: Request, refused: Refused) -> JSONResponse:
    """Answer 401."""
    return JSONResponse(
        {"error": refused.body}, 401, headers={"WWW-Authenticate": refused.challenge}
    )


@app.exception_handler(RequestValidationError)
async def unreadable(request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 without the input."""
    found = [{"loc": one["loc"], "msg": one["msg"], "type": one["type"]} for one in error.errors()]
    return JSONResponse({"detail": found}, 422)


def everybody() -> dict[str, Record]:
    """Return what is stored."""
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def decoded(token: str) -> Record:
    """Return the claims of a token; raises all sorts of exceptions when it is bad."""
    claims = jwt.decode(token, KEY, algorithms=["HS256"]).claims
    CLAIMS.validate(claims)
    for name in ("iat", "exp"):
        if type(claims[name]) not in (int, float):
            raise TypeError(name)
    if not claims["sub"] or not claims["sub"].encode():
        raise ValueError("sub")
    return claims


def owner(claims: Record) -> Record:
    """Return the active user of these claims. Raises LookupError."""
    for record in everybody().values():
        if record["id"] == claims["sub"] and not record["disabled"]:
            return record
    raise LookupError


Header = Annotated[
    HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False, description="JWT"))
]
Shown = Annotated[object, Security(OAuth2PasswordBearer("token", auto_error=False))]


async def caller(header: Header, _: Shown) -> Record:
    """Return who is calling."""
    if header is None:
        raise Refused("token missing", "Bearer")
    try:
        return owner(decoded(header.credentials))
    except ExpiredTokenError:
        raise Refused(
            "token expired", 'Bearer error="invalid_token", error_description="expired"'
        ) from None
    except Exception:
        raise Refused("token invalid", 'Bearer error="invalid_token"') from None


Caller = Annotated[Record, Security(caller)]


def shown(record: Record) -> dict[str, str]:
    """Return what a user may know of themselves."""
    return {name: record[name] for name in SHOWN}


@app.get("/profile")
async def profile(user: Caller) -> dict[str, str]:
    """Welcome the caller."""
    return {"message": "Welcome " + user["username"]} | shown(user)


@app.get("/users/me")
async def me(user: Caller) -> dict[str, str]:
    """Return the caller."""
    return shown(user)


@app.get("/protected")
async def protected(user: Caller) -> dict[str, str]:
    """Answer whoever is signed in."""
    return {"hello": user["full_name"]}


@app.post("/introspect")
async def introspect(user: Caller, token: Annotated[str, Form()] = "") -> Record:
    """Tell whether a token is good."""
    try:
        claims = decoded(token)
        owner(claims)
    except Exception:
        return {"active": False}
    return {"active": True} | claims


@app.post("/register", status_code=201)
async def register(new: NewUser) -> dict[str, str]:
    """Open an account."""
    hashed = await asyncio.to_thread(crypt.hash, new.password)
    async with writing:
        users = everybody()
        if any(name.lower() == new.username.lower() for name in users):
            raise HTTPException(409, "taken")
        record = {
            "id": str(uuid.uuid4()),
            "username": new.username,
            "email": new.email,
            "full_name": new.full_name,
            "password_hash": hashed,
            "disabled": False,
        }
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(json.dumps(users | {new.username: record}), "utf-8")
    return shown(record)


async def signed_in(username: str, password: str) -> JSONResponse | None:
    """Return a token answer, or None."""
    record = everybody().get(username)
    hashed = record["password_hash"] if record else dummy
    try:
        fits = await asyncio.to_thread(crypt.verify, password, hashed)
    except ValueError:
        fits = False
    if not (record and fits) or record["disabled"]:
        return None
    now = int(time.time())
    claims = {"sub": record["id"], "iat": now, "exp": now + ACCESS_TOKEN_SECONDS}
    answer = {
        "access_token": jwt.encode({"alg": "HS256"}, claims, KEY),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


@app.post("/login")
async def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> JSONResponse:
    """Give a token for JSON."""
    answer = await signed_in(username, password)
    if answer is None:
        raise Refused("name or password wrong", "Bearer")
    return answer


@app.post("/token")
async def token(request: Request) -> JSONResponse:
    """Give a token for a form."""
    form = await request.form()
    fields = [name for name, _ in form.multi_items()]
    name, password = form.get("username"), form.get("password")
    if len(set(fields)) < len(fields) or not isinstance(name, str) or not isinstance(password, str):
        return JSONResponse({"error": "invalid_request"}, 400)
    if form.get("grant_type", "password") != "password":
        return JSONResponse({"error": "unsupported_grant_type"}, 400)
    answer = await signed_in(name, password)
    return answer or JSONResponse({"error": "invalid_grant"}, 400)
