"""The same API on bare Starlette: a decorator reads the header, the OpenAPI page is by hand."""

import base64
import functools
import json
import re

from email_validator import EmailNotValidError, validate_email
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from .passwords import authenticate, hash_password
from .settings import ACCESS_TOKEN_SECONDS
from .store import NameTaken, add_account, find_by_name
from .tokens import InvalidToken, create_access_token, verify_token

BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
NO_STORE = {"Cache-Control": "no-store"}


def problem(status, text, **headers):
    """Return a refusal as JSON."""
    return JSONResponse({"detail": text}, status, headers=headers)


def with_bearer_token(endpoint):
    """Let a request through to the endpoint only if it carries a bearer token."""

    @functools.wraps(endpoint)
    async def guarded(request):
        found = BEARER.fullmatch(request.headers.get("authorization", "").strip(" "))
        if found is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="profiles"'}
            return problem(401, "Send a bearer token", **challenge)
        return await endpoint(request)

    return guarded


@with_bearer_token
async def profile(request):
    """Show what everybody with a token may know of one person."""
    account = find_by_name(request.query_params.get("username", ""))
    if account is None:
        return problem(404, "Nobody has this name")
    return JSONResponse({"username": account.username, "full_name": account.full_name})


@with_bearer_token
async def protected(request):
    """Say that a token came."""
    return JSONResponse({"ok": True})


async def body_of(request, *names):
    """Return these texts of a JSON object, or None if one is missing."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return None
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in names):
        return None
    return {name: body[name] for name in names}


def fit(new):
    """Tell whether a registration keeps the limits."""
    try:
        validate_email(new["email"], check_deliverability=False)
        long = len(new["password"].encode())
        new["full_name"].encode()
    except (EmailNotValidError, UnicodeEncodeError):
        return False
    return bool(
        re.fullmatch(r"[A-Za-z0-9_-]{3,32}", new["username"])
        and len(new["email"]) <= 254
        and re.fullmatch(r"[^\x00-\x1f\x7f-\x9f]{1,100}", new["full_name"])
        and len(new["password"]) >= 8
        and long <= 72
        and "\0" not in new["password"]
    )


async def register(request):
    """Open an account."""
    new = await body_of(request, "username", "email", "full_name", "password")
    if new is None or not fit(new):
        return JSONResponse({"detail": [{"loc": ["body"], "msg": "unfit", "type": "value"}]}, 422)
    try:
        account = add_account(
            new["username"], new["email"], new["full_name"], hash_password(new["password"])
        )
    except NameTaken:
        return problem(409, "Somebody has this name")
    shown = ("id", "username", "email", "full_name")
    return JSONResponse({name: getattr(account, name) for name in shown}, 201)


def token_answer(account):
    """Return a token as OAuth2 clients expect it."""
    answer = {
        "access_token": create_access_token(account.id),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }
    return JSONResponse(answer, headers=NO_STORE)


async def login(request):
    """Give a token for name and password in JSON."""
    sent = await body_of(request, "username", "password")
    if sent is None:
        return JSONResponse({"detail": []}, 422)
    account = authenticate(**sent)
    if account is None:
        return problem(401, "No", **{"WWW-Authenticate": "Bearer"})
    return token_answer(account)


async def token(request):
    """Give a token for name and password in a form."""
    pairs = (await request.form()).multi_items()
    form = dict(pairs)
    whole = all(isinstance(form.get(name), str) for name in ("username", "password"))
    if not whole or len(form) < len(pairs) or form.get("grant_type", "password") != "password":
        return JSONResponse({"error": "invalid_request"}, 400)
    account = authenticate(form["username"], form["password"])
    if account is None:
        return JSONResponse({"error": "invalid_grant"}, 400, headers=NO_STORE)
    return token_answer(account)


async def introspect(request):
    """Tell whether a token is good."""
    sent = (await request.form()).get("token", "")
    try:
        claims = verify_token(sent)
    except InvalidToken:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, "sub": claims["sub"], "exp": claims["exp"]})


def described():
    """Return the OpenAPI description."""
    answered = {"responses": {"200": {"description": "fine"}}}
    name = {"name": "username", "in": "query", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Profiles", "version": "1"},
        "paths": {
            "/profile": {"get": {**answered, "parameters": [name], "security": [{"login": []}]}},
            "/protected": {"get": {**answered, "security": [{"bearer": []}]}},
        },
        "components": {
            "securitySchemes": {
                "login": {
                    "type": "oauth2",
                    "flows": {"password": {"tokenUrl": "/token", "scopes": {}}},
                },
                "bearer": {"type": "http", "scheme": "bearer"},
            }
        },
    }


async def openapi(request):
    """Return the OpenAPI description as JSON."""
    return JSONResponse(described())


async def docs(request):
    """Return a page that shows the description, without anything from another server."""
    whole = base64.b64encode(json.dumps(described()).encode()).decode()
    return HTMLResponse(f"<title>API</title><a href='data:application/json;base64,{whole}'>API</a>")


app = Starlette(
    routes=[
        Route("/profile", profile),
        Route("/protected", protected),
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/introspect", introspect, methods=["POST"]),
        Route("/openapi.json", openapi),
        Route("/docs", docs),
    ]
)
