"""An API that OAuth2 clients can log in to."""

from typing import Annotated

from fastapi import Depends, Form, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from .errors import refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, no_store, refuse_client
from .passwords import authenticate, hash_password
from .schemas import Credentials, Introspection, NewUser, PublicProfile, Token, User
from .settings import ACCESS_TOKEN_SECONDS
from .store import Account, NameTaken, add_account, find_by_name
from .tokens import InvalidToken, create_access_token, verify_token

app = FastAPIOffline(
    title="Login",
    exception_handlers={RequestValidationError: refuse_input, OAuthError: refuse_client},
)


@app.get("/profile", response_model=PublicProfile)
def profile(username: str) -> Account:
    """Return the public profile of one person."""
    account = find_by_name(username)
    if account is None:
        raise HTTPException(404, "No such profile")
    return account


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser) -> Account:
    """Open an account for a newcomer."""
    password_hash = hash_password(new.password)
    try:
        return add_account(new.username, new.email, new.full_name, password_hash)
    except NameTaken as taken:
        raise HTTPException(409, "This user name is taken") from taken


@app.post("/login", dependencies=[Depends(no_store)])
def login(credentials: Credentials) -> Token:
    """Give a token to somebody who knows the password."""
    account = authenticate(credentials.username, credentials.password)
    if account is None:
        # The same words for both: Mallory must not learn which names exist.
        raise HTTPException(
            401, "Wrong user name or password", headers={"WWW-Authenticate": "Bearer"}
        )
    return token_answer(account)


@app.post("/token", dependencies=[Depends(each_field_once), Depends(no_store)])
def token(form: PasswordForm) -> Token:
    """Give a token to an OAuth2 client (RFC 6749 §4.3)."""
    account = authenticate(form.username, form.password)
    # >>> your turn 3: refuse wrong credentials with the name that the standard gives
    # before: if account is None:
    # before:     raise HTTPException(401, "Wrong user name or password")
    if account is None:
        raise OAuthError("invalid_grant")
    # <<<
    return token_answer(account)


def token_answer(account: Account) -> Token:
    """Return a fresh token and how long it lives."""
    return Token(access_token=create_access_token(account.id), expires_in=ACCESS_TOKEN_SECONDS)


@app.post("/introspect", response_model_exclude_none=True)
def introspect(token: Annotated[str, Form()] = "") -> Introspection:
    """Tell whether a token is good, and nothing more of a bad one (RFC 7662)."""
    try:
        claims = verify_token(token)
    except InvalidToken:
        # No reason given: it would tell a forger what to mend.
        return Introspection(active=False)
    return Introspection(active=True, sub=claims["sub"], exp=claims["exp"])
