"""The same service without FastAPI and without a token library: Starlette and the stdlib."""

import base64
import binascii
import hmac
import json
import re
import secrets
import time

import bcrypt
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .settings import ACCESS_TOKEN_SECONDS, PASSWORD_ROUNDS, SECRET_KEY
from .store import NameTaken, add_account, find_by_name

HEADER = {"typ": "JWT", "alg": "HS256"}
INACTIVE = {"active": False}


def b64(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """Return the bytes of base64url; raise ValueError for other letters."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signature_of(message: str) -> bytes:
    """Return the HMAC of a message."""
    return hmac.digest(SECRET_KEY.encode(), message.encode(), "sha256")


def make_token(user_id: str) -> str:
    """Return a signed token."""
    now = int(time.time())
    claims = {"sub": user_id, "iat": now, "exp": now + ACCESS_TOKEN_SECONDS}
    message = ".".join(b64(json.dumps(part).encode()) for part in (HEADER, claims))
    return f"{message}.{b64(signature_of(message))}"


def seconds(value: object) -> int:
    """Return a time, or raise ValueError."""
    if type(value) is int:
        return value
    if type(value) is float:
        return int(value)  # OverflowError for inf, ValueError for nan
    raise ValueError("no number")


def read_token(token: str) -> dict | None:
    """Return what a good token says."""
    message, _, signature = token.rpartition(".")
    try:
        head, body = message.split(".")
        if not hmac.compare_digest(unb64(signature), signature_of(message)):
            return None
        header, claims = json.loads(unb64(head)), json.loads(unb64(body))
        if header["alg"] != "HS256":
            return None
        now = time.time()
        issued, ends = seconds(claims["iat"]), seconds(claims["exp"])
        starts = seconds(claims.get("nbf", issued))
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject.encode() or ends <= now:
            return None
        if "nbf" in claims and starts > now:
            return None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, binascii.Error):
        return None
    return {"sub": subject, "exp": ends}


def hashed(password: str) -> str:
    """Return a bcrypt hash."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(PASSWORD_ROUNDS)).decode()


NOBODY = hashed(secrets.token_hex())
RULES = {
    "username": re.compile(r"[A-Za-z0-9_-]{3,32}"),
    "email": re.compile(r"[^@\s\x00-\x1f]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    "full_name": re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}"),
    "password": re.compile(r"[^\x00]{8,72}"),
}


async def fields(request: Request, *names: str) -> dict[str, str]:
    """Return the texts of a JSON body, or refuse."""
    try:
        body = json.loads(await request.body())
        values = {name: body[name] for name in names}
        for value in values.values():
            value.encode()
    except (ValueError, LookupError, TypeError, AttributeError):
        raise HTTPException(422, "these fields are needed: " + ", ".join(names)) from None
    return values


async def profile(request: Request) -> JSONResponse:
    """Show a public profile."""
    name = request.query_params.get("username")
    if name is None:
        raise HTTPException(422, "username is needed")
    if (account := find_by_name(name)) is None:
        raise HTTPException(404)
    return JSONResponse({"username": account.username, "full_name": account.full_name})


async def register(request: Request) -> JSONResponse:
    """Open an account."""
    new = await fields(request, *RULES)
    for name, rule in RULES.items():
        if not rule.fullmatch(new[name]) or len(new["password"].encode()) > 72:
            raise HTTPException(422, f"{name} is not accepted")
    try:
        account = add_account(
            new["username"], new["email"], new["full_name"], hashed(new["password"])
        )
    except NameTaken:
        raise HTTPException(409, "taken") from None
    shown = account.model_dump(include={"id", "username", "email", "full_name"})
    return JSONResponse(shown, 201)


async def login(request: Request) -> JSONResponse:
    """Give a token for a password."""
    sent = await fields(request, "username", "password")
    account = find_by_name(sent["username"])
    known = account.password_hash if account else NOBODY
    try:
        right = bcrypt.checkpw(sent["password"].encode(), known.encode())
    except ValueError:
        right = False
    if account is None or account.disabled or not right:
        raise HTTPException(401, "wrong", {"WWW-Authenticate": "Bearer"})
    return JSONResponse(
        {
            "access_token": make_token(account.id),
            "token_type": "bearer",
            "expires_in": ACCESS_TOKEN_SECONDS,
        }
    )


async def introspect(request: Request) -> JSONResponse:
    """Tell whether a token is good."""
    token = (await request.form()).get("token")
    if token is None:
        raise HTTPException(400, "token is needed")
    claims = read_token(str(token))
    return JSONResponse(INACTIVE if claims is None else {"active": True} | claims)


app = Starlette(
    routes=[
        Route("/profile", profile),
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/introspect", introspect, methods=["POST"]),
    ]
)
