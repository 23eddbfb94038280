"""Who is calling: a token is asked for, checked, and turned into a user."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPBearer, OAuth2PasswordBearer

from .store import Account, find_by_id
from .tokens import InvalidToken, verify_token

CHALLENGE = {"WWW-Authenticate": "Bearer"}

# Who sends no header, or another scheme than Bearer, gets a 401 from here.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
http_bearer = HTTPBearer()


def bearer_token(token: Annotated[str, Depends(oauth2_scheme)]) -> str:
    """Return the token that the caller sent, still unchecked, or refuse with 401."""
    # `Authorization: Bearer` with nothing behind it passes OAuth2PasswordBearer.
    if not token:
        raise HTTPException(401, "Not authenticated", headers=CHALLENGE)
    return token


BearerToken = Annotated[str, Depends(bearer_token)]


def invalid_token(reason: str) -> HTTPException:
    """Return the one refusal of every bad token (RFC 6750 §3.1)."""
    # >>> your turn 3: say `invalid_token` in the header, with the reason beside it
    # before: return HTTPException(400, reason)
    challenge = f'Bearer error="invalid_token", error_description="{reason}"'
    return HTTPException(401, reason, headers={"WWW-Authenticate": challenge})
    # <<<


def find_active(user_id: str) -> Account | None:
    """Return the account that a token's `sub` names, unless it is gone or disabled."""
    # >>> your turn 2: look the id up, and trust nobody who is gone or disabled
    # before: stranger = {"username": "stranger", "email": "", "full_name": ""}
    # before: return find_by_id(user_id) or Account(id="0", password_hash="", **stranger)
    account = find_by_id(user_id)
    # A token outlives its user: a dismissed Mallory still holds hers.
    return None if account is None or account.disabled else account
    # <<<


def get_current_user(token: BearerToken) -> Account:
    """Return the user whom a good token names, or refuse with 401 (RFC 6750 §3.1)."""
    # >>> your turn 1: verify the token, and refuse a bad one
    # before: from jose import JWTError, jwt
    # before:
    # before: try:
    # before:     claims = jwt.get_unverified_claims(token)
    # before: except JWTError:
    # before:     claims = {"sub": "stranger"}
    try:
        claims = verify_token(token)
    except InvalidToken as problem:
        raise invalid_token(str(problem)) from problem
    # <<<
    account = find_active(claims["sub"])
    if account is None:
        raise invalid_token("The token is not valid")
    return account


CurrentUser = Annotated[Account, Depends(get_current_user)]
