"""Everything async, forms read by hand, passwords with argon2."""

from contextlib import suppress

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from . import store, tokens
from .errors import refuse_input
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser

router = APIRouter()


@router.get("/profile")
async def show_profile(username: str):
    """Show what everybody may see."""
    account = await run_in_threadpool(store.find_by_name, username)
    if not account:
        return JSONResponse({"detail": "unknown"}, 404)
    return {"username": account.username, "full_name": account.full_name}


@router.post("/register", status_code=201)
async def sign_up(new: NewUser):
    """Add somebody."""
    hashed = await run_in_threadpool(hash_password, new.password)
    with suppress(store.NameTaken):
        account = store.add_account(new.username, str(new.email), new.full_name, hashed)
        return account.model_dump(include={"id", "username", "email", "full_name"})
    return JSONResponse({"detail": "taken"}, 409)


@router.post("/login")
async def sign_in(credentials: Credentials):
    """Swap a password for a token."""
    account = await run_in_threadpool(authenticate, credentials.username, credentials.password)
    if account is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="accounts"'}
        return JSONResponse({"detail": "no"}, 401, challenge)
    token, life = tokens.issue(account.id)
    return {"token_type": "Bearer", "access_token": token, "expires_in": life, "scope": "me"}


@router.post("/introspect")
async def introspect(request: Request):
    """Tell what a token is worth."""
    form = await request.form()
    token = form.get("token")
    claims = tokens.read(token) if isinstance(token, str) else None
    if claims is None:
        return {"active": False}
    told = {name: claims[name] for name in ("sub", "exp", "iat")}
    return {"active": True, "token_type": "Bearer", **told}


app = FastAPI()
app.include_router(router)
app.add_exception_handler(RequestValidationError, refuse_input)
