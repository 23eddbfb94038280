"""The API with async routes; hashing runs in worker threads."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from . import passwords, store, tokens
from .errors import refuse_input
from .oauth import GrantForm, plain_form, uncached
from .schemas import Credentials, NewUser, PublicProfile, User
from .settings import ACCESS_TOKEN_SECONDS

app = FastAPI(title="Login, async")
app.middleware("http")(uncached)
app.exception_handler(RequestValidationError)(refuse_input)


def grant(account: store.Account) -> dict[str, Any]:
    """Build the token answer."""
    return {
        "access_token": tokens.create_access_token(account.id),
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }


@app.get("/profile")
async def profile(username: str) -> PublicProfile:
    """Show what is public."""
    found = store.find_by_name(username)
    if not found:
        raise HTTPException(404)
    return PublicProfile(username=found.username, full_name=found.full_name)


@app.post("/register", status_code=201)
async def register(new: NewUser) -> User:
    """Create an account."""
    digest = await run_in_threadpool(passwords.hash_password, new.password)
    try:
        account = store.add_account(new.username, new.email, new.full_name, digest)
    except store.NameTaken:
        raise HTTPException(409, "Choose another name") from None
    return User(**account.model_dump())


@app.post("/login")
async def login(credentials: Credentials) -> dict[str, Any]:
    """Log in with JSON."""
    account = await run_in_threadpool(
        passwords.authenticate, credentials.username, credentials.password
    )
    if account is None:
        raise HTTPException(401, "No", headers={"WWW-Authenticate": 'Bearer realm="workbook"'})
    return grant(account)


@app.post("/token", dependencies=[Depends(plain_form)], response_model=None)
async def token(form: GrantForm) -> dict[str, Any] | JSONResponse:
    """Log in as an OAuth2 client."""
    account = await run_in_threadpool(
        passwords.authenticate, form.username, form.password.get_secret_value()
    )
    if account is None:
        refusal = {
            "error_description": "The name or the password is wrong",
            "error": "invalid_grant",
            "error_uri": "https://www.rfc-editor.org/rfc/rfc6749#section-5.2",
        }
        return JSONResponse(refusal, status_code=400)
    return grant(account)


@app.post("/introspect")
async def introspect(token: Annotated[str, Form()] = "") -> dict[str, Any]:
    """Judge a token."""
    try:
        claims = tokens.verify_token(token)
    except tokens.InvalidToken:
        return {"active": False}
    return {"active": True, "token_type": "Bearer", **claims}
