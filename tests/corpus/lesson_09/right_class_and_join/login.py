"""How a token is asked for; the roles stand in the token for the client's eyes alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException

from .database import Db
from .models import Account
from .oauth import OAuthError, PasswordForm, each_field_once, no_store
from .passwords import authenticate
from .schemas import Credentials, Introspection, Token
from .security import CurrentUser, find_active
from .settings import ACCESS_TOKEN_SECONDS
from .tokens import InvalidToken, create_access_token, verify_token

router = APIRouter(dependencies=[Depends(no_store)])


def issue(account: Account) -> Token:
    """Return a token that also says which roles a client may show buttons for."""
    access_token = create_access_token(account.id, roles=account.roles)
    return Token(access_token=access_token, expires_in=ACCESS_TOKEN_SECONDS)


@router.post("/login")
def login(credentials: Credentials, db: Db) -> Token:
    """Log in by JSON."""
    account = authenticate(db, credentials.username, credentials.password)
    if account is None:
        raise HTTPException(401, "No.", headers={"WWW-Authenticate": "Bearer"})
    return issue(account)


@router.post("/token", dependencies=[Depends(each_field_once)])
def token(form: PasswordForm, db: Db) -> Token:
    """Log in by form."""
    account = authenticate(db, form.username, form.password)
    if account is None:
        raise OAuthError("invalid_grant")
    return issue(account)


@router.post("/introspect", response_model_exclude_none=True)
def introspect(_: CurrentUser, db: Db, token: Annotated[str, Form()] = "") -> Introspection:
    """Tell what a token is worth."""
    try:
        claims = verify_token(token)
    except InvalidToken:
        return Introspection(active=False)
    if find_active(db, claims["sub"]) is None:
        return Introspection(active=False)
    return Introspection(active=True, sub=claims["sub"], exp=claims["exp"])
