"""Who is calling: a token is asked for, checked, and turned into a user."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Security
from fastapi.security import HTTPBearer, OAuth2PasswordBearer, SecurityScopes
from sqlalchemy.orm import Session

from .database import Db
from .denylist import is_denied
from .models import Account
from .scopes import ACCOUNT_WRITE, SCOPES, scopes_of
from .store import find_by_id
from .tokens import InvalidToken, verify_token

CHALLENGE = {"WWW-Authenticate": "Bearer"}

# Who sends no header, or another scheme than Bearer, gets a 401 from here.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token", scopes=SCOPES)
http_bearer = HTTPBearer()


# `async`, as it waits for nothing: a thread for it would cost more than its work.
async def bearer_token(token: Annotated[str, Depends(oauth2_scheme)]) -> str:
    """Return the token that the caller sent, still unchecked, or refuse with 401."""
    # `Authorization: Bearer` with nothing behind it passes OAuth2PasswordBearer.
    if not token:
        raise HTTPException(401, "Not authenticated", headers=CHALLENGE)
    return token


BearerToken = Annotated[str, Depends(bearer_token)]


def invalid_token(reason: str) -> HTTPException:
    """Return the one refusal of every bad token (RFC 6750 §3.1)."""
    challenge = f'Bearer error="invalid_token", error_description="{reason}"'
    return HTTPException(401, reason, headers={"WWW-Authenticate": challenge})


def find_caller(db: Session, claims: dict[str, Any]) -> Account | None:
    """Return the account that a token's claims name, unless it or the token is shut out."""
    account = find_by_id(db, claims["sub"])
    # A token outlives its user: a dismissed Mallory still holds hers.
    if account is None or account.disabled or is_denied(db, claims):
        return None
    born = claims.get("born")
    return account if type(born) is int and born > account.logged_out_at else None


async def token_claims(token: BearerToken) -> dict[str, Any]:
    """Return the claims of the caller's token, or refuse with 401 (RFC 6750 §3.1)."""
    try:
        return verify_token(token)
    except InvalidToken as problem:
        raise invalid_token(str(problem)) from problem


Claims = Annotated[dict[str, Any], Depends(token_claims)]


def insufficient_scope(needed: SecurityScopes) -> HTTPException:
    """Return the refusal of a good token that is not good for this (RFC 6750 §3.1)."""
    challenge = f'Bearer error="insufficient_scope", scope="{needed.scope_str}"'
    return HTTPException(403, "Insufficient scope", headers={"WWW-Authenticate": challenge})


def get_current_user(needed: SecurityScopes, claims: Claims, db: Db) -> Account:
    """Return the user whom a good token names, or refuse: 401 unknown, 403 scope missing."""
    account = find_caller(db, claims)
    if account is None:
        raise invalid_token("The token is not valid")
    # Whole words: `notes:writer` is another scope than `notes:write`.
    if not set(needed.scopes) <= scopes_of(claims):
        raise insufficient_scope(needed)
    return account


CurrentUser = Annotated[Account, Depends(get_current_user)]

# A token made for reading notes must not be able to close the account.
Keeper = Annotated[Account, Security(get_current_user, scopes=[ACCOUNT_WRITE])]


def require_role(role: str) -> Callable[..., Account]:
    """Return a dependency that gives the caller if they have this role now, or refuses with 403."""

    def guard(user: CurrentUser) -> Account:
        # A token remembers what its user was once: Mallory, dismissed as admin, still holds hers.
        if role not in user.roles:
            raise HTTPException(403, "You may not do this")
        return user

    return guard
