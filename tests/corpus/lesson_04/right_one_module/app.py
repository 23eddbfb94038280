"""All of it in one module: FastAPI, joserfc, bcrypt, and a body that is read by hand."""

import json
import os
import re
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import bcrypt
from fastapi import Body, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import TypeAdapter, ValidationError
from pydantic.networks import EmailStr

from .settings import ACCESS_TOKEN_SECONDS, DATA_DIR, PASSWORD_ROUNDS, SECRET_KEY

FILE = Path(DATA_DIR) / "users.json"
KEY = OctKey.import_key(SECRET_KEY)
LOCK = threading.Lock()
NOBODY = bcrypt.hashpw(os.urandom(9).hex().encode(), bcrypt.gensalt(PASSWORD_ROUNDS))
an_email = TypeAdapter(EmailStr)
app = FastAPI()


def users() -> dict:
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def find(name: str) -> dict | None:
    same = [user for key, user in users().items() if key.casefold() == name.casefold()]
    return same[0] if same else None


def login_of(name: str, password: str) -> dict | None:
    user = find(name)
    digest = user["password_hash"].encode() if user else NOBODY
    try:
        right = bcrypt.checkpw(password.encode(), digest)
    except ValueError:
        right = False
    return user if user and right and not user["disabled"] else None


def granted(user: dict) -> JSONResponse:
    now = int(time.time())
    claims = {
        "sub": user["id"],
        "iat": now,
        "exp": now + ACCESS_TOKEN_SECONDS,
        "jti": uuid.uuid4().hex,
    }
    token = jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, KEY)
    answer = {"access_token": token, "token_type": "bearer", "expires_in": ACCESS_TOKEN_SECONDS}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def refused(status: int, error: str, **headers: str) -> JSONResponse:
    return JSONResponse({"error": error}, status, headers=headers)


def faults(body: Mapping) -> list[str]:
    wrong = [key for key in ("username", "email", "full_name", "password")
             if not isinstance(body.get(key), str)]  # fmt: skip
    if wrong:
        return wrong
    try:
        password = body["password"].encode()
        an_email.validate_python(body["email"])
    except (UnicodeEncodeError, ValidationError):
        return ["email", "password"]
    if not re.fullmatch(r"[a-zA-Z0-9_-]{3,32}", body["username"]):
        wrong.append("username")
    if not body["full_name"].isprintable() or not 1 <= len(body["full_name"]) <= 100:
        wrong.append("full_name")
    if len(body["password"]) < 8 or len(password) > 72 or b"\0" in password:
        wrong.append("password")
    return wrong


@app.post("/register")
def register(body: dict = Body()) -> Response:
    if wrong := faults(body):
        return JSONResponse(
            {"detail": [{"loc": ["body", key], "msg": "bad", "type": "value"} for key in wrong]},
            422,
        )
    user = {key: body[key] for key in ("username", "email", "full_name")}
    digest = bcrypt.hashpw(body["password"].encode(), bcrypt.gensalt(PASSWORD_ROUNDS)).decode()
    with LOCK:
        if find(user["username"]):
            return JSONResponse({"detail": "taken"}, 409)
        user = {"id": str(uuid.uuid4()), **user}
        everybody = users() | {
            user["username"]: user | {"password_hash": digest, "disabled": False}
        }
        FILE.parent.mkdir(parents=True, exist_ok=True)
        fresh = FILE.with_suffix(".tmp")
        fresh.touch(0o600)
        fresh.write_text(json.dumps(everybody), "utf-8")
        fresh.replace(FILE)
    return JSONResponse(user, 201)


@app.get("/profile")
def profile(username: str = Query()) -> Response:
    user = find(username)
    if user is None:
        return JSONResponse({"detail": "unknown"}, 404)
    return JSONResponse({"username": user["username"], "full_name": user["full_name"]})


@app.post("/login")
def login(body: dict = Body()) -> Response:
    name, password = body.get("username"), body.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        return JSONResponse({"detail": "two texts are due"}, 422)
    user = login_of(name, password)
    if user is None:
        return refused(401, "login_failed", **{"WWW-Authenticate": "Bearer"})
    return granted(user)


async def form_of(request: Request) -> list[tuple[str, str]] | None:
    """The pairs of a URL-encoded form; None when the body is something else."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = await request.body()
    return parse_qsl(body.decode("latin-1"), keep_blank_values=True, errors="replace")


@app.post("/token")
async def token(request: Request) -> Response:
    pairs = await form_of(request)
    if pairs is None:
        return refused(415, "invalid_request")
    form = dict(pairs)
    if len(form) < len(pairs) or not form.get("username") or not form.get("password"):
        return refused(400, "invalid_request")
    if form.get("grant_type") != "password":
        return refused(400, "unsupported_grant_type")
    user = login_of(form["username"], form["password"])
    if user is None:
        return refused(401, "invalid_grant", **{"WWW-Authenticate": 'Basic realm="token"'})
    return granted(user)


@app.post("/introspect")
async def introspect(request: Request) -> Response:
    given = dict(await form_of(request) or []).get("token", "")
    try:
        claims = jwt.decode(given, KEY, algorithms=["HS256"]).claims
        good = (
            type(claims["exp"]) is int
            and type(claims["iat"]) is int
            and claims["exp"] > time.time()
        )
        good = good and claims.get("nbf", 0) <= time.time() and bool(claims["sub"].encode())
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        good = False
    if not good:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, "sub": claims["sub"], "exp": claims["exp"]})
