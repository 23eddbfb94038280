"""The open routes on the app, the guarded ones on a router that asks for a token."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Security
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from .errors import refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, no_store, refuse_client
from .passwords import authenticate, hash_password
from .schemas import Credentials, Introspection, NewUser, PublicProfile, Token, User
from .security import strict_bearer
from .settings import ACCESS_TOKEN_SECONDS
from .store import Account, NameTaken, add_account, find_by_name
from .tokens import InvalidToken, create_access_token, verify_token

opened = APIRouter()
guarded = APIRouter(dependencies=[Security(strict_bearer)])


@guarded.get("/profile")
async def read_profile(username: str) -> PublicProfile:
    """Return a public profile."""
    if not (account := find_by_name(username)):
        raise HTTPException(404)
    return PublicProfile(username=account.username, full_name=account.full_name)


@guarded.get("/protected")
async def read_protected() -> dict[str, list[str]]:
    """Return some object."""
    return {"seen": ["a token"]}


@opened.post("/register", status_code=201)
def register(new: NewUser) -> User:
    """Open an account."""
    try:
        account = add_account(new.username, new.email, new.full_name, hash_password(new.password))
    except NameTaken:
        raise HTTPException(409, "taken") from None
    return User(**account.model_dump(include=set(User.model_fields)))


def issued(account: Account) -> Token:
    """Return a token for the account."""
    return Token(access_token=create_access_token(account.id), expires_in=ACCESS_TOKEN_SECONDS)


@opened.post("/login", dependencies=[Security(no_store)])
def login(sent: Credentials) -> Token:
    """Log in with JSON."""
    if account := authenticate(sent.username, sent.password):
        return issued(account)
    raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


@opened.post("/token", dependencies=[Security(each_field_once), Security(no_store)])
def token(form: PasswordForm) -> Token:
    """Log in with a form."""
    if account := authenticate(form.username, form.password):
        return issued(account)
    raise OAuthError("invalid_grant")


@opened.post("/introspect", response_model_exclude_none=True)
def introspect(token: Annotated[str, Form()]) -> Introspection:
    """Look at a token."""
    try:
        claims = verify_token(token)
    except InvalidToken:
        return Introspection(active=False)
    return Introspection(active=True, **{name: claims[name] for name in ("sub", "exp")})


app = FastAPIOffline(exception_handlers={RequestValidationError: refuse_input})
app.add_exception_handler(OAuthError, refuse_client)
app.include_router(opened)
app.include_router(guarded)
