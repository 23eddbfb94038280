"""Accounts with argon2id, a router, and refusals raised as exceptions of its own."""

import unicodedata
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, EmailStr, StrictStr, field_validator

from . import store

# What OWASP asks for: 19 MiB, two passes, one lane.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
DUMMY = hasher.hash("nobody has this password")


class WrongLogin(Exception):
    """Name and password do not open an account."""


class Registration(BaseModel):
    """A request to join. Whoever sends more fields than these is refused."""

    model_config = ConfigDict(extra="forbid")

    username: StrictStr
    email: EmailStr
    full_name: StrictStr
    password: StrictStr

    @field_validator("username")
    @classmethod
    def plain(cls, value: str) -> str:
        """Take ASCII letters, digits and two signs."""
        rest = value.replace("_", "").replace("-", "")
        if not 3 <= len(value) <= 32 or (rest and not (rest.isascii() and rest.isalnum())):
            raise ValueError("3 to 32 letters, digits, _ or -")
        return value

    @field_validator("email")
    @classmethod
    def short_enough(cls, value: str) -> str:
        """Keep to the length that SMTP can carry."""
        if len(value) > 254:
            raise ValueError("too long")
        return value

    @field_validator("full_name")
    @classmethod
    def printable(cls, value: str) -> str:
        """Refuse control characters, and half characters too."""
        if not 1 <= len(value) <= 100:
            raise ValueError("1 to 100 characters")
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
            raise ValueError("no control characters")
        return value

    @field_validator("password")
    @classmethod
    def reasonable(cls, value: str) -> str:
        """Keep to the limits of the service, though argon2 would take more."""
        if len(value) < 8:
            raise ValueError("8 characters or more")
        if len(value.encode("utf-8", "surrogatepass")) > 72 or "\x00" in value:
            raise ValueError("72 bytes at most, and no NUL")
        value.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
        return value


class Login(BaseModel):
    """Name and password."""

    username: StrictStr
    password: StrictStr


class Me(BaseModel):
    """An account as its owner sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    username: str
    email: str
    full_name: str


api = APIRouter()


@api.post("/register", status_code=status.HTTP_201_CREATED)
def register(body: Registration) -> Me:
    """Create an account."""
    digest = hasher.hash(body.password)
    try:
        account = store.add_account(body.username, body.email, body.full_name, digest)
    except store.NameTaken:
        raise HTTPException(status.HTTP_409_CONFLICT, {"error": "username_taken"}) from None
    return Me.model_validate(account)


@api.post("/login")
def login(body: Login) -> Me:
    """Check name and password. Here capitals of the name count."""
    account = store.find_by_name(body.username)
    if account is not None and account.username != body.username:
        account = None
    try:
        hasher.verify(account.password_hash if account else DUMMY, body.password)
    except (VerifyMismatchError, VerificationError, UnicodeEncodeError):
        raise WrongLogin from None
    if account is None or account.disabled:
        raise WrongLogin
    return Me.model_validate(account)


@api.get("/profile")
def profile(username: Annotated[str, Query()]) -> dict[str, str]:
    """Return what everybody may see."""
    if account := store.find_by_name(username):
        return {"username": account.username, "full_name": account.full_name}
    raise HTTPException(status.HTTP_404_NOT_FOUND)


app = FastAPI(title="Accounts")
app.include_router(api)


@app.exception_handler(WrongLogin)
def refuse(request: Request, problem: WrongLogin) -> JSONResponse:
    """Answer every refused login alike."""
    challenge = {"WWW-Authenticate": 'Bearer realm="accounts"'}
    return JSONResponse({"detail": "Login refused."}, 401, headers=challenge)


@app.exception_handler(RequestValidationError)
def explain(request: Request, problem: RequestValidationError) -> JSONResponse:
    """Name the fields that are wrong."""
    faults: list[dict[str, Any]] = [
        {"loc": list(fault["loc"]), "msg": fault["msg"], "type": fault["type"]}
        for fault in problem.errors()
    ]
    return JSONResponse({"detail": faults}, 422)
