"""How tokens are asked for, renewed, and asked about."""

import time
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, HTTPException
from sqlalchemy.orm import Session

from .database import Db
from .models import Account
from .oauth import GrantForm, OAuthError, TokenForm, each_field_once, no_store
from .passwords import authenticate
from .refresh import end_family, issue, use
from .schemas import Credentials, Introspection, Token
from .scopes import grant, narrowed
from .security import CHALLENGE, find_caller, get_current_user
from .settings import ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS
from .store import find_by_id
from .tokens import InvalidToken, create_access_token, verify_token

router = APIRouter()


@router.post("/login", dependencies=[Depends(no_store)])
def login(credentials: Credentials, db: Db) -> Token:
    """Give tokens to somebody who knows the password."""
    account = authenticate(db, credentials.username, credentials.password)
    if account is None:
        # The same words for both: Mallory must not learn which names exist.
        raise HTTPException(401, "Wrong user name or password", headers=CHALLENGE)
    return first_tokens(db, account, [])


@router.post("/token", dependencies=[Depends(each_field_once), Depends(no_store)])
def token(form: GrantForm, db: Db) -> Token:
    """Give tokens to an OAuth2 client: for a password, or for a refresh token (RFC 6749 §6)."""
    if form.grant_type == "refresh_token":
        return next_tokens(db, form)
    account = authenticate(db, form.username, form.password)
    if account is None:
        raise OAuthError("invalid_grant")
    return first_tokens(db, account, form.scopes)


def first_tokens(db: Session, account: Account, asked: list[str]) -> Token:
    """Return the tokens of a login, the first of a family."""
    expires_at = int(time.time()) + REFRESH_TOKEN_SECONDS
    scope = grant(account, asked)
    refresh_token = issue(db, account, scope, family := uuid4().hex, expires_at)
    db.commit()
    return token_answer(account, scope, family, refresh_token)


def next_tokens(db: Session, form: TokenForm) -> Token:
    """Return new tokens for a refresh token; it is good for this one time."""
    used = use(db, form.refresh_token)
    account = find_by_id(db, used.user_id)
    # >>> your turn 4: who is gone, locked out or has ended all logins gets nothing
    # before: if account is None:
    # before:     raise OAuthError("invalid_grant")
    if account is None or account.disabled or used.session_version != account.session_version:
        end_family(db, used.family)
        raise OAuthError("invalid_grant")
    # <<<
    # >>> your turn 3: nobody gets more than the login had, for longer than it was given
    # before: scope = grant(account, form.scopes)
    # before: expires_at = int(time.time()) + REFRESH_TOKEN_SECONDS
    scope = narrowed(account, used.scope, form.scopes)
    expires_at = used.expires_at
    # <<<
    refresh_token = issue(db, account, used.scope, used.family, expires_at)
    db.commit()
    return token_answer(account, scope, used.family, refresh_token)


def token_answer(account: Account, scope: str, family: str, refresh_token: str) -> Token:
    """Return an access token with all that a client wants to know of it."""
    more = {"scope": scope, "ver": account.session_version, "sid": family}
    return Token(
        access_token=create_access_token(account.id, **more),
        expires_in=ACCESS_TOKEN_SECONDS,
        scope=scope,
        refresh_token=refresh_token,
    )


# Open to all, this route would tell a thief which of his tokens still work.
@router.post(
    "/introspect", response_model_exclude_none=True, dependencies=[Depends(get_current_user)]
)
def introspect(db: Db, token: Annotated[str, Form()] = "") -> Introspection:
    """Tell whether a token is good, and nothing more of a bad one (RFC 7662)."""
    try:
        claims = verify_token(token)
    except InvalidToken:
        # No reason given: it would tell a forger what to mend.
        return Introspection(active=False)
    if find_caller(db, claims) is None:
        return Introspection(active=False)
    return Introspection(active=True, sub=claims["sub"], exp=claims["exp"])
