"""The service on Starlette alone, without FastAPI."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
)
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from .database import SessionLocal
from .models import Account
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser, User
from .settings import ACCESS_TOKEN_SECONDS
from .startup import lifespan
from .store import NameTaken, add_account, find_by_id, remove_account
from .tokens import ExpiredToken, InvalidToken, create_access_token, verify_token

Model = TypeVar("Model", bound=BaseModel)
OPEN = ("/register", "/login", "/token", "/docs", "/openapi.json")


class SignedIn(BaseUser):
    """A caller with an account."""

    is_authenticated = True

    def __init__(self, account: Account) -> None:
        self.account = account


class Refusal(AuthenticationError):
    """A bad token, and the sentence for it."""


class Bearer(AuthenticationBackend):
    """Reads the header and finds the account."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """Return the caller, None for nobody; raise for a bad token."""
        if conn.url.path in OPEN:
            return None
        scheme, _, token = conn.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        try:
            account = await run_in_threadpool(active, token.strip())
        except ExpiredToken as error:
            raise Refusal("This token has ended.") from error
        except (InvalidToken, LookupError) as error:
            raise Refusal("This token is not good.") from error
        return AuthCredentials(["user"]), SignedIn(account)


def active(token: str) -> Account:
    """Return the account of a good token. Raises InvalidToken or LookupError."""
    claims = verify_token(token)
    with SessionLocal() as db:
        account = find_by_id(db, claims["sub"])
    if account is None or account.disabled:
        raise LookupError
    return account


def refused(conn: HTTPConnection, error: Exception) -> Response:
    """Answer a bad token."""
    challenge = {"WWW-Authenticate": 'Bearer realm="lesson", error="invalid_token"'}
    return JSONResponse({"detail": str(error)}, 401, headers=challenge)


def caller(request: Request) -> Account:
    """Return who is calling, or refuse who sent no token."""
    if not isinstance(request.user, SignedIn):
        raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="lesson"'})
    return request.user.account


def user(account: Account) -> dict[str, str]:
    """Return what a user may know of their own account."""
    return User.model_validate(account).model_dump()


async def profile(request: Request) -> Response:
    """Welcome the caller."""
    account = caller(request)
    return JSONResponse({"message": f"Welcome {account.username}", **user(account)})


async def me(request: Request) -> Response:
    """Return the caller."""
    return JSONResponse(user(caller(request)))


async def leave(request: Request) -> Response:
    """Close the caller's account."""
    with SessionLocal() as db:
        remove_account(db, caller(request))
    return Response(status_code=204)


def signed_in(username: str, password: str) -> Account | None:
    """Return whom name and password open."""
    with SessionLocal() as db:
        return authenticate(db, username, password)


def opened(new: NewUser, hashed: str) -> Account:
    """Store a newcomer."""
    with SessionLocal() as db:
        return add_account(db, new.username, new.email, new.full_name, hashed)


async def protected(request: Request) -> Response:
    """Say hello."""
    caller(request)
    return JSONResponse({"message": "hello"})


async def introspect(request: Request) -> Response:
    """Tell whether a token is good."""
    caller(request)
    token = (await request.form()).get("token", "")
    try:
        account = active(token if isinstance(token, str) else "")
    except (InvalidToken, LookupError):
        return JSONResponse({"active": False})
    end = verify_token(str(token))["exp"]
    return JSONResponse({"active": True, "sub": account.id, "exp": end})


async def body_of(request: Request, model: type[Model]) -> Model:
    """Return the JSON body as a model."""
    try:
        return model.model_validate(json.loads(await request.body()))
    except (ValueError, ValidationError, RecursionError):
        raise HTTPException(422, "Unreadable input") from None


async def register(request: Request) -> Response:
    """Open an account."""
    new = await body_of(request, NewUser)
    hashed = await run_in_threadpool(hash_password, new.password)
    try:
        account = await run_in_threadpool(opened, new, hashed)
    except NameTaken:
        return JSONResponse({"detail": "taken"}, 409)
    return JSONResponse(user(account), 201)


def token_answer(account: Account) -> Response:
    """Return a fresh token."""
    body = {
        "access_token": create_access_token(account.id),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def login(request: Request) -> Response:
    """Give a token for JSON."""
    who = await body_of(request, Credentials)
    account = await run_in_threadpool(signed_in, who.username, who.password)
    if account is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return token_answer(account)


async def token(request: Request) -> Response:
    """Give a token for a form."""
    form = await request.form()
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = dict(pairs)
    if len(fields) != len(pairs) or not {"username", "password"} <= set(fields):
        return JSONResponse({"error": "invalid_request"}, 400)
    if fields.get("grant_type", "password") != "password":
        return JSONResponse({"error": "unsupported_grant_type"}, 400)
    account = await run_in_threadpool(signed_in, fields["username"], fields["password"])
    return token_answer(account) if account else JSONResponse({"error": "invalid_grant"}, 401)


async def docs(request: Request) -> Response:
    """Show a small page."""
    return HTMLResponse('<a href="/openapi.json">The description of this service</a>')


async def openapi(request: Request) -> Response:
    """Describe the service."""
    flow: dict[str, Any] = {"tokenUrl": "token", "scopes": {}}
    scheme = {"type": "oauth2", "flows": {"password": flow}}
    guarded = {"security": [{"password": []}], "responses": {"200": {"description": "Good"}}}
    return JSONResponse(
        {
            "openapi": "3.1.0",
            "info": {"title": "Current user", "version": "1"},
            "components": {"securitySchemes": {"password": scheme}},
            "paths": {
                "/profile": {"get": guarded},
                "/users/me": {"get": guarded},
                "/protected": {"get": guarded},
                "/introspect": {"post": guarded},
            },
        }
    )


def http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTPException as JSON."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


app = Starlette(
    lifespan=lifespan,  # type: ignore[arg-type]
    routes=[
        Route("/profile", profile),
        Route("/users/me", me, methods=["GET"]),
        Route("/users/me", leave, methods=["DELETE"]),
        Route("/protected", protected),
        Route("/introspect", introspect, methods=["POST"]),
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/docs", docs),
        Route("/openapi.json", openapi),
    ],
    middleware=[Middleware(AuthenticationMiddleware, backend=Bearer(), on_error=refused)],
    exception_handlers={HTTPException: http_error},
)
