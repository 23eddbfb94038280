"""How a token is asked for, and asked about: moved here as it was (given)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException

from .database import Db
from .models import Account
from .oauth import OAuthError, PasswordForm, each_field_once, no_store
from .passwords import authenticate
from .schemas import Credentials, Introspection, Token
from .security import CHALLENGE, find_active, get_current_user
from .settings import ACCESS_TOKEN_SECONDS
from .tokens import InvalidToken, create_access_token, verify_token

router = APIRouter()


@router.post("/login", dependencies=[Depends(no_store)])
async def login(credentials: Credentials, db: Db) -> Token:
    """Give a token to somebody who knows the password."""
    account = await authenticate(db, credentials.username, credentials.password)
    if account is None:
        # The same words for both: Mallory must not learn which names exist.
        raise HTTPException(401, "Wrong user name or password", headers=CHALLENGE)
    return token_answer(account)


@router.post("/token", dependencies=[Depends(each_field_once), Depends(no_store)])
async def token(form: PasswordForm, db: Db) -> Token:
    """Give a token to an OAuth2 client (RFC 6749 §4.3)."""
    account = await authenticate(db, form.username, form.password)
    if account is None:
        raise OAuthError("invalid_grant")
    return token_answer(account)


def token_answer(account: Account) -> Token:
    """Return a fresh token and how long it lives."""
    return Token(access_token=create_access_token(account.id), expires_in=ACCESS_TOKEN_SECONDS)


# Open to all, this route would tell a thief which of his tokens still work.
@router.post(
    "/introspect", response_model_exclude_none=True, dependencies=[Depends(get_current_user)]
)
async def introspect(db: Db, token: Annotated[str, Form()] = "") -> Introspection:
    """Tell whether a token is good, and nothing more of a bad one (RFC 7662)."""
    try:
        claims = verify_token(token)
    except InvalidToken:
        # No reason given: it would tell a forger what to mend.
        return Introspection(active=False)
    if await find_active(db, claims["sub"]) is None:
        return Introspection(active=False)
    return Introspection(active=True, sub=claims["sub"], exp=claims["exp"])
