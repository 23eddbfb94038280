"""No FastAPI here: Starlette, the store and the tokens that were given, routes by hand."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser
from .settings import ACCESS_TOKEN_SECONDS
from .store import Account, NameTaken, add_account, find_by_name
from .tokens import InvalidToken, create_access_token, verify_token

Model = TypeVar("Model", bound=BaseModel)


async def parsed(request: Request, model: type[Model]) -> Model:
    """Read the body as JSON into a model, or end with 422."""
    try:
        return model.model_validate(json.loads(await request.body()))
    except ValidationError as error:
        wrong = sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]})
        raise HTTPException(422, f"Not accepted: {', '.join(wrong)}") from None
    except (ValueError, RecursionError):
        raise HTTPException(422, "This is no JSON") from None


async def profile(request: Request) -> Response:
    """GET /profile?username="""
    name = request.query_params.get("username")
    if name is None:
        raise HTTPException(422, "Whose profile?")
    account = find_by_name(name)
    if account is None:
        raise HTTPException(404, "Nobody")
    return JSONResponse({"full_name": account.full_name, "username": account.username})


async def register(request: Request) -> Response:
    """POST /register"""
    new = await parsed(request, NewUser)
    digest = await run_in_threadpool(hash_password, new.password)
    try:
        account = add_account(new.username, new.email, new.full_name, digest)
    except NameTaken:
        raise HTTPException(409, "Taken") from None
    fields = account.model_dump(include={"id", "username", "email", "full_name"})
    return JSONResponse(fields, status_code=201)


async def login(request: Request) -> Response:
    """POST /login"""
    sent = await parsed(request, Credentials)
    account = await run_in_threadpool(authenticate, sent.username, sent.password)
    if account is None:
        raise HTTPException(401, "Wrong", headers={"WWW-Authenticate": "Bearer"})
    return token_answer(account)


def oauth_error(name: str, status: int = 400) -> Response:
    """An error that an OAuth2 client can read."""
    return JSONResponse({"error": name}, status_code=status)


def only_text(form: FormData) -> dict[str, str] | None:
    """The form's fields, or None when one comes twice or is a file."""
    pairs = form.multi_items()
    fields = {name: value for name, value in pairs if isinstance(value, str)}
    return fields if len(fields) == len(pairs) else None


async def token(request: Request) -> Response:
    """POST /token"""
    async with request.form() as form:
        fields = only_text(form)
    if not fields or not {"username", "password"} <= set(fields):
        return oauth_error("invalid_request")
    if fields.get("grant_type", "password") != "password":
        return oauth_error("unsupported_grant_type")
    account = await run_in_threadpool(authenticate, fields["username"], fields["password"])
    return token_answer(account) if account else oauth_error("invalid_grant")


def token_answer(account: Account) -> Response:
    """The answer to a login that worked."""
    answer: dict[str, Any] = {
        "token_type": "bearer",
        "access_token": create_access_token(account.id),
        "expires_in": ACCESS_TOKEN_SECONDS,
    }
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return JSONResponse(answer, headers=headers)


async def introspect(request: Request) -> Response:
    """POST /introspect"""
    async with request.form() as form:
        given = form.get("token")
    try:
        claims = verify_token(given if isinstance(given, str) else "")
    except InvalidToken:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, "sub": claims["sub"], "exp": claims["exp"]})


app = Starlette(
    routes=[
        Route("/profile", profile),
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/introspect", introspect, methods=["POST"]),
    ]
)
