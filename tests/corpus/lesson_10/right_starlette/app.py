"""The service on Starlette alone: its own @requires sees to the scopes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    SimpleUser,
)
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from .database import SessionLocal
from .models import Account, Note
from .passwords import authenticate, hash_password
from .roles import LastAdmin, set_disabled, set_roles
from .schemas import Credentials, Disabled, NewNote, NewUser, Roles, SavedNote, User, UserChange
from .settings import ACCESS_TOKEN_SECONDS
from .startup import lifespan
from .store import NameTaken, add_account, find_by_id, remove_account
from .tokens import InvalidToken, create_access_token, verify_token

Model = TypeVar("Model", bound=BaseModel)
SCOPES = ("notes:read", "notes:write", "account:write", "users:admin")
OPEN = ("/register", "/login", "/token", "/docs", "/openapi.json")


class Bearer(AuthenticationBackend):
    """Reads the header."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser] | None:
        """Return the caller and the token's scopes; raise for a bad token."""
        scheme, _, token = conn.headers.get("Authorization", "").partition(" ")
        if conn.url.path in OPEN or scheme.lower() != "bearer" or not token.strip():
            return None
        try:
            claims = verify_token(token.strip())
        except InvalidToken as error:
            raise AuthenticationError("bad token") from error
        with SessionLocal() as db:
            account = find_by_id(db, claims["sub"])
        if account is None or account.disabled:
            raise AuthenticationError("bad token")
        scope = claims.get("scope")
        words = scope.split() if isinstance(scope, str) else []
        return AuthCredentials(words), SimpleUser(account.id)


def refused(conn: HTTPConnection, error: Exception) -> Response:
    """Answer a bad token."""
    told = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return JSONResponse({"detail": str(error)}, 401, headers=told)


Page = Callable[[Request, Any, Account], Awaitable[Response]]


def page(
    *scopes: str, role: str = ""
) -> Callable[[Page], Callable[[Request], Awaitable[Response]]]:
    """Give a page a session and its caller, if the token has all these scopes."""

    def wrap(inner: Page) -> Callable[[Request], Awaitable[Response]]:
        async def outer(request: Request) -> Response:
            if not request.user.is_authenticated:
                raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
            for one in scopes:
                if one not in request.auth.scopes:
                    told = f'Bearer realm="notes", scope="{one}", error="insufficient_scope"'
                    raise HTTPException(403, headers={"WWW-Authenticate": told})
            with SessionLocal() as db:
                account = find_by_id(db, request.user.username)
                assert account is not None
                if role and role not in account.roles:
                    raise HTTPException(403)
                return await inner(request, db, account)

        return outer

    return wrap


def user(account: Account) -> dict[str, Any]:
    """Return what may be seen of an account."""
    return User.model_validate(account).model_dump()


async def body_of(request: Request, model: type[Model]) -> Model:
    """Return the JSON body as a model."""
    try:
        return model.model_validate(json.loads(await request.body()))
    except (ValueError, ValidationError, RecursionError):
        raise HTTPException(422) from None


def opened(db: Any, new: NewUser) -> Response:
    """Open an account."""
    try:
        hashed = hash_password(new.password)
        return JSONResponse(
            user(add_account(db, new.username, new.email, new.full_name, hashed)), 201
        )
    except NameTaken:
        raise HTTPException(409) from None


async def register(request: Request) -> Response:
    new = await body_of(request, NewUser)
    with SessionLocal() as db:
        return opened(db, new)


def token_answer(account: Account, wish: list[str]) -> Response:
    """Return a token for the allowed part of a wish."""
    allowed = [one for one in SCOPES if one != "users:admin" or "admin" in account.roles]
    given = [one for one in allowed if one in wish or not wish]
    if not given:
        return JSONResponse({"error": "invalid_scope"}, 400)
    scope = " ".join(given)
    token = create_access_token(account.id, scope=scope)
    body = {"access_token": token, "token_type": "bearer", "expires_in": ACCESS_TOKEN_SECONDS}
    return JSONResponse(body | {"scope": scope}, headers={"Cache-Control": "no-store"})


async def login(request: Request) -> Response:
    who = await body_of(request, Credentials)
    with SessionLocal() as db:
        account = authenticate(db, who.username, who.password)
        if account is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return token_answer(account, [])


async def token(request: Request) -> Response:
    pairs = [(name, str(value)) for name, value in (await request.form()).multi_items()]
    form = dict(pairs)
    if len(form) != len(pairs) or not {"username", "password"} <= set(form):
        return JSONResponse({"error": "invalid_request"}, 400)
    with SessionLocal() as db:
        account = authenticate(db, form["username"], form["password"])
        if account is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return token_answer(account, form.get("scope", "").split())


@page()
async def introspect(request: Request, db: Any, by: Account) -> Response:
    try:
        claims = verify_token(str((await request.form()).get("token", "")))
    except InvalidToken:
        return JSONResponse({"active": False})
    account = find_by_id(db, claims["sub"])
    if account is None or account.disabled:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, "sub": account.id, "exp": claims["exp"]})


@page()
async def profile(request: Request, db: Any, by: Account) -> Response:
    return JSONResponse({"message": f"Welcome {by.username}", **user(by)})


@page()
async def me(request: Request, db: Any, by: Account) -> Response:
    return JSONResponse(user(by))


@page("account:write")
async def close(request: Request, db: Any, by: Account) -> Response:
    remove_account(db, by)
    return Response(status_code=204)


@page("account:write")
async def change(request: Request, db: Any, by: Account) -> Response:
    wanted = await body_of(request, UserChange)
    rules = "admin" in by.roles and "users:admin" in request.auth.scopes
    user_id = request.path_params["user_id"]
    account = find_by_id(db, user_id) if rules or user_id == by.id else None
    if account is None:
        raise HTTPException(404)
    account.email, account.full_name = wanted.email, wanted.full_name
    db.commit()
    return JSONResponse(user(account))


def saved(note: Note) -> dict[str, Any]:
    """Return what its owner sees of a note."""
    return SavedNote.model_validate(note).model_dump()


def note_of(request: Request, db: Any, by: Account) -> Note:
    """Return the caller's note that the address names."""
    note = db.get(Note, request.path_params["number"])
    if note is None or note.owner_id != by.id:
        raise HTTPException(404)
    return note


@page("notes:read")
async def notes(request: Request, db: Any, by: Account) -> Response:
    found = db.scalars(select(Note).where(Note.owner_id == by.id))
    return JSONResponse([saved(note) for note in found])


@page("notes:read")
async def read(request: Request, db: Any, by: Account) -> Response:
    return JSONResponse(saved(note_of(request, db, by)))


@page("notes:write")
async def write(request: Request, db: Any, by: Account) -> Response:
    new = await body_of(request, NewNote)
    db.add(note := Note(owner_id=by.id, title=new.title, body=new.body))
    db.commit()
    return JSONResponse(saved(note), 201)


@page("notes:write")
async def rewrite(request: Request, db: Any, by: Account) -> Response:
    note, new = note_of(request, db, by), await body_of(request, NewNote)
    note.title, note.body = new.title, new.body
    db.commit()
    return JSONResponse(saved(note))


@page("notes:write")
async def drop(request: Request, db: Any, by: Account) -> Response:
    db.delete(note_of(request, db, by))
    db.commit()
    return Response(status_code=204)


@page("users:admin", role="admin")
async def hall(request: Request, db: Any, by: Account) -> Response:
    return JSONResponse({"message": "hello"})


@page("users:admin", role="admin")
async def everybody(request: Request, db: Any, by: Account) -> Response:
    return JSONResponse([user(one) for one in db.scalars(select(Account))])


@page("users:admin", role="admin")
async def make(request: Request, db: Any, by: Account) -> Response:
    return opened(db, await body_of(request, NewUser))


def ruled(model: type[Model], do: Callable[[Any, Account, Model], None]) -> Any:
    """Return a page that does something to another's account."""

    @page("users:admin", role="admin")
    async def rule(request: Request, db: Any, by: Account) -> Response:
        account = find_by_id(db, request.path_params["user_id"])
        if account is None:
            raise HTTPException(404)
        wanted = await body_of(request, model)
        try:
            do(db, account, wanted)
        except LastAdmin:
            raise HTTPException(409) from None
        return JSONResponse(user(account))

    return rule


async def docs(request: Request) -> Response:
    return HTMLResponse('<a href="/openapi.json">The description of this service</a>')


async def openapi(request: Request) -> Response:
    flow = {"tokenUrl": "token", "scopes": {one: f"May {one}" for one in SCOPES}}
    scheme = {"type": "oauth2", "flows": {"password": flow}}
    described = {"openapi": "3.1.0", "info": {"title": "Notes", "version": "1"}, "paths": {}}
    return JSONResponse(described | {"components": {"securitySchemes": {"oauth2": scheme}}})


def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/introspect", introspect, methods=["POST"]),
        Route("/profile", profile),
        Route("/protected", me),
        Route("/users/me", me),
        Route("/users/me", close, methods=["DELETE"]),
        Route("/users/{user_id}", change, methods=["PUT"]),
        Route("/users", everybody),
        Route("/users", make, methods=["POST"]),
        Route(
            "/users/{user_id}/roles",
            ruled(Roles, lambda db, account, wanted: set_roles(db, account, wanted.roles)),
            methods=["PUT"],
        ),
        Route(
            "/users/{user_id}/disabled",
            ruled(Disabled, lambda db, account, wanted: set_disabled(db, account, wanted.disabled)),
            methods=["PUT"],
        ),
        Route("/admin", hall),
        Route("/notes", notes),
        Route("/notes", write, methods=["POST"]),
        Route("/notes/{number:int}", read),
        Route("/notes/{number:int}", rewrite, methods=["PUT"]),
        Route("/notes/{number:int}", drop, methods=["DELETE"]),
        Route("/docs", docs),
        Route("/openapi.json", openapi),
    ],
    middleware=[Middleware(AuthenticationMiddleware, backend=Bearer(), on_error=refused)],
    exception_handlers={HTTPException: http_error},
)
