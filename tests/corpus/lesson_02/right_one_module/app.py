"""The whole service in one async module: bcrypt without passlib, and a store of its own."""

import asyncio
import json
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any

import bcrypt
from anyio.to_thread import run_sync
from email_validator import EmailNotValidError, validate_email
from fastapi import Body, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

DATA = Path(os.environ.get("DATA_DIR") or "var/lesson_02_passwords")
ROUNDS = int(os.environ.get("PASSWORD_ROUNDS") or 12)
PUBLIC = ("username", "full_name")
OWN = ("id", "username", "email", "full_name")

app = FastAPI()
writing = asyncio.Lock()


class Refusal(Exception):
    """An answer other than the one hoped for."""

    def __init__(self, status: int, detail: Any, **headers: str) -> None:
        self.answer = JSONResponse({"detail": detail}, status, headers)


@app.exception_handler(Refusal)
async def send_refusal(request: Request, refusal: Refusal) -> Response:
    """Send the refusal's own answer."""
    return refusal.answer


def load() -> dict[str, dict[str, Any]]:
    """Read all users."""
    path = DATA / "users.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def save(everybody: dict[str, dict[str, Any]]) -> None:
    """Write all users at once."""
    DATA.mkdir(parents=True, exist_ok=True)
    draft = DATA / f".{secrets.token_hex(4)}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(everybody), "utf-8")
    draft.replace(DATA / "users.json")


def seek(name: str) -> dict[str, Any] | None:
    """Find a user by name."""
    for known, user in load().items():
        if known.casefold() == name.casefold():
            return user
    return None


def digest(password: str) -> str:
    """Hash a password."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def matches(password: str, hashed: str) -> bool:
    """Compare a password with a hash; what bcrypt cannot read matches nothing."""
    raw = password.encode("utf-8", "surrogatepass")
    if len(raw) > 72 or b"\0" in raw:
        raw, hashed = b"", DECOY
    return bcrypt.checkpw(raw, hashed.encode())


DECOY = digest(secrets.token_hex(16))


def problem_with(field: str, value: Any) -> str | None:
    """Return what is wrong with one field of a registration, or None."""
    if not isinstance(value, str):
        return "text is due"
    if re.search("[\ud800-\udfff]", value):
        return "half a character"
    match field:
        case "username" if not re.fullmatch(r"[A-Za-z0-9_-]{3,32}", value):
            return "3 to 32 plain characters"
        case "full_name" if not re.fullmatch(r"[^\x00-\x1f\x7f-\x9f]{1,100}", value):
            return "1 to 100 printable characters"
        case "password" if len(value) < 8 or len(value.encode()) > 72 or "\0" in value:
            return "8 characters to 72 bytes"
        case "email":
            try:
                validate_email(value, check_deliverability=False)
            except EmailNotValidError:
                return "no address"
    return None


def wants(*fields: str, judge: Any = None) -> Any:
    """Return a dependency that reads a body with these text fields."""

    async def read(body: Annotated[Any, Body()] = None) -> dict[str, str]:
        if not isinstance(body, dict):
            raise Refusal(422, [{"loc": ["body"], "msg": "an object is due", "type": "object"}])
        judged = {
            name: (judge or problem_with)(name, body[name]) if name in body else "missing"
            for name in fields
        }
        faults = [
            {"loc": ["body", name], "msg": problem, "type": "bad_value"}
            for name, problem in judged.items()
            if problem
        ]
        if faults:
            raise Refusal(422, faults)
        return {name: body[name] for name in fields}

    return Depends(read)


def any_text(field: str, value: Any) -> str | None:
    """Ask for text and nothing more."""
    return None if isinstance(value, str) else "text is due"


@app.post("/register", status_code=201)
async def register(
    wish: Annotated[dict[str, str], wants("username", "email", "full_name", "password")],
) -> dict[str, str]:
    """Open an account."""
    hashed = await run_sync(digest, wish.pop("password"))
    async with writing:
        if seek(wish["username"]):
            raise Refusal(409, "taken")
        user = {"id": secrets.token_urlsafe(12), **wish, "password_hash": hashed, "disabled": False}
        save(load() | {wish["username"]: user})
    return {name: user[name] for name in OWN}


@app.post("/login")
async def login(
    sent: Annotated[dict[str, str], wants("username", "password", judge=any_text)],
) -> dict[str, str]:
    """Let a user in."""
    user = seek(sent["username"])
    good = await run_sync(matches, sent["password"], user["password_hash"] if user else DECOY)
    if not (user and good) or user["disabled"]:
        raise Refusal(401, "no", **{"www-authenticate": "bearer"})
    return {name: user[name] for name in OWN}


@app.get("/profile")
async def profile(username: str) -> dict[str, str]:
    """Show a public profile."""
    user = seek(username)
    if not user:
        raise Refusal(404, "nobody")
    return {name: user[name] for name in PUBLIC}
