"""Who is calling: a token is asked for, checked, and turned into a user."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Db
from .models import Account
from .store import find_by_id
from .tokens import InvalidToken, verify_token

CHALLENGE = {"WWW-Authenticate": "Bearer"}

# Who sends no header, or another scheme than Bearer, gets a 401 from here.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
http_bearer = HTTPBearer()


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


async def find_active(db: AsyncSession, user_id: str) -> Account | None:
    """Return the account that a token's `sub` names, unless it is gone or disabled."""
    account = await find_by_id(db, user_id)
    # A token outlives its user: a dismissed Mallory still holds hers.
    return None if account is None or account.disabled else account


async def get_current_user(token: BearerToken, db: Db) -> Account:
    """Return the user whom a good token names, or refuse with 401 (RFC 6750 §3.1)."""
    try:
        claims = verify_token(token)
    except InvalidToken as problem:
        raise invalid_token(str(problem)) from problem
    account = await find_active(db, claims["sub"])
    if account is None:
        raise invalid_token("The token is not valid")
    return account


CurrentUser = Annotated[Account, Depends(get_current_user)]
