"""The service on Starlette alone, without FastAPI; each answer has a number of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .database import SessionLocal
from .models import Account, Note
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewNote, NewUser, SavedNote, User, UserChange
from .settings import ACCESS_TOKEN_SECONDS
from .startup import lifespan
from .store import NameTaken, add_account, find_by_id, remove_account
from .tokens import InvalidToken, create_access_token, verify_token

Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class Numbered:
    """Gives each answer a header with a number of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header to the answer's start."""

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", uuid4().hex.encode()),
                ]
            await send(message)

        await self.app(scope, receive, numbered)


def active(db: Session, token: str) -> Account:
    """Return the account of a good token. Raises InvalidToken."""
    account = find_by_id(db, verify_token(token)["sub"])
    if account is None or account.disabled:
        raise InvalidToken("not good")
    return account


def caller(db: Session, request: Request) -> Account:
    """Return who is calling, or refuse."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="notes"'})
    try:
        return active(db, token.strip())
    except InvalidToken:
        challenge = {"WWW-Authenticate": 'Bearer realm="notes", error="invalid_token"'}
        raise HTTPException(401, headers=challenge) from None


def read(text: bytes, model: type[Model]) -> Model:
    """Return a JSON body as a model."""
    try:
        return model.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError):
        raise HTTPException(422, "Unreadable input") from None


def shown(model: type[BaseModel], row: object, status: int = 200) -> Response:
    """Return a row as JSON."""
    return JSONResponse(model.model_validate(row, from_attributes=True).model_dump(), status)


def guarded(work: Callable[[Session, Account, Request, bytes], Response]) -> Handler:
    """Return a route that runs only for a known caller, in a thread, in a session of its own."""

    def inside(request: Request, text: bytes) -> Response:
        with SessionLocal() as db:
            return work(db, caller(db, request), request, text)

    async def route(request: Request) -> Response:
        return await run_in_threadpool(inside, request, await request.body())

    return route


def profile(db: Session, user: Account, request: Request, text: bytes) -> Response:
    """Welcome the caller."""
    own = User.model_validate(user).model_dump()
    return JSONResponse({"message": f"Welcome {user.username}", **own})


def me(db: Session, user: Account, request: Request, text: bytes) -> Response:
    """Return the caller, or delete the account."""
    if request.method != "DELETE":
        return shown(User, user)
    remove_account(db, user)
    return Response(status_code=204)


def change(db: Session, user: Account, request: Request, text: bytes) -> Response:
    """Change the caller's account."""
    if request.path_params["id"] != user.id:
        raise HTTPException(404)
    new = read(text, UserChange)
    user.email, user.full_name = new.email, new.full_name
    db.commit()
    return shown(User, user)


def protected(db: Session, user: Account, request: Request, text: bytes) -> Response:
    """Say hello."""
    return JSONResponse({"message": "hello"})


def pages(db: Session, user: Account, request: Request, text: bytes) -> Response:
    """List the caller's notes, or add one."""
    if request.method == "POST":
        note = Note(owner_id=user.id, **read(text, NewNote).model_dump())
        db.add(note)
        db.commit()
        return shown(SavedNote, note, 201)
    rows = db.scalars(select(Note).where(Note.owner_id == user.id))
    return JSONResponse([SavedNote.model_validate(row).model_dump() for row in rows])


def page(db: Session, user: Account, request: Request, text: bytes) -> Response:
    """Read, change or delete a note."""
    number = request.path_params["id"]
    note = db.get(Note, number) if 0 < number < 2**31 else None
    if note is None or note.owner_id != user.id:
        raise HTTPException(404)
    if request.method == "DELETE":
        db.delete(note)
        db.commit()
        return Response(status_code=204)
    if request.method == "PUT":
        new = read(text, NewNote)
        note.title, note.body = new.title, new.body
        db.commit()
    return shown(SavedNote, note)


async def introspect(request: Request) -> Response:
    """Tell whether a token is good."""
    token = (await request.form()).get("token", "")
    with SessionLocal() as db:
        caller(db, request)
        try:
            account = active(db, str(token))
        except InvalidToken:
            return JSONResponse({"active": False})
    end = verify_token(str(token))["exp"]
    return JSONResponse({"active": True, "sub": account.id, "exp": end})


def enter(username: str, password: str) -> Response | None:
    """Return a token answer, or None."""
    with SessionLocal() as db:
        account = authenticate(db, username, password)
    if account is None:
        return None
    token = create_access_token(account.id)
    body = {"access_token": token, "token_type": "bearer", "expires_in": ACCESS_TOKEN_SECONDS}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def register(request: Request) -> Response:
    """Open an account."""
    new = read(await request.body(), NewUser)
    hashed = await run_in_threadpool(hash_password, new.password)
    with SessionLocal() as db:
        try:
            account = add_account(db, new.username, new.email, new.full_name, hashed)
        except NameTaken:
            return JSONResponse({"detail": "taken"}, 409)
    return shown(User, account, 201)


async def login(request: Request) -> Response:
    """Give a token for JSON."""
    who = read(await request.body(), Credentials)
    if answer := await run_in_threadpool(enter, who.username, who.password):
        return answer
    raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


async def token(request: Request) -> Response:
    """Give a token for a form."""
    pairs = [pair for pair in (await request.form()).multi_items() if isinstance(pair[1], str)]
    fields = dict(pairs)
    if len(fields) != len(pairs) or not {"username", "password"} <= set(fields):
        return JSONResponse({"error": "invalid_request"}, 400)
    answer = await run_in_threadpool(enter, str(fields["username"]), str(fields["password"]))
    return answer or JSONResponse({"error": "invalid_grant"}, 400)


async def docs(request: Request) -> Response:
    """Show a small page."""
    return HTMLResponse('<a href="/openapi.json">The description of this service</a>')


async def openapi(request: Request) -> Response:
    """Describe the service."""
    flow: dict[str, Any] = {"tokenUrl": "token", "scopes": {}}
    scheme = {"type": "oauth2", "flows": {"password": flow}}
    use = {"security": [{"password": []}], "responses": {"200": {"description": "Good"}}}
    paths = {"/notes": {"get": use, "post": use}, "/profile": {"get": use}}
    return JSONResponse(
        {
            "openapi": "3.1.0",
            "info": {"title": "Notes", "version": "1"},
            "components": {"securitySchemes": {"password": scheme}},
            "paths": paths,
        }
    )


def http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTPException as JSON."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


app = Starlette(
    routes=[
        Route("/profile", guarded(profile)),
        Route("/users/me", guarded(me), methods=["GET", "DELETE"]),
        Route("/users/{id}", guarded(change), methods=["PUT"]),
        Route("/protected", guarded(protected)),
        Route("/notes", guarded(pages), methods=["GET", "POST"]),
        Route("/notes/{id:int}", guarded(page), methods=["GET", "PUT", "DELETE"]),
        Route("/introspect", introspect, methods=["POST"]),
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/docs", docs),
        Route("/openapi.json", openapi),
    ],
    lifespan=lifespan,
    middleware=[Middleware(Numbered)],
    exception_handlers={HTTPException: http_error},
)
