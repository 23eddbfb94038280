"""Who is calling: HTTPBearer takes the token, and a reader of its own looks at the scopes."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Security
from fastapi.security import (
    HTTPAuthorizationCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
    SecurityScopes,
)
from sqlalchemy.orm import Session

from .database import Db
from .models import Account
from .scopes import ACCOUNT_WRITE, SCOPES, scopes_of
from .store import find_by_id
from .tokens import InvalidToken, verify_token

CHALLENGE = {"WWW-Authenticate": "Bearer"}

http_bearer = HTTPBearer(auto_error=False)
shown_in_docs = OAuth2PasswordBearer(tokenUrl="/token", scopes=SCOPES, auto_error=False)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(http_bearer)]


def find_active(db: Session, user_id: str) -> Account | None:
    """Return the account with this id if it may come in."""
    account = find_by_id(db, user_id)
    return None if account is None or account.disabled else account


def token_claims(sent: Credentials, db: Db) -> dict[str, Any]:
    """Return the claims of a token whose user may come in; a token without scope is no good."""
    if sent is None or not sent.credentials:
        raise HTTPException(401, "Log in", headers=CHALLENGE)
    try:
        claims = verify_token(sent.credentials)
    except InvalidToken:
        claims = {}
    scoped = isinstance(claims.get("scope"), str)
    if not scoped or find_active(db, claims["sub"]) is None:
        challenge = {"WWW-Authenticate": "bearer error=invalid_token"}
        raise HTTPException(401, "Log in again", headers=challenge)
    return claims


Claims = Annotated[dict[str, Any], Depends(token_claims)]


def scope_reader(needed: SecurityScopes, claims: Claims) -> None:
    """Refuse a token that is not for this."""
    missing = [one for one in needed.scopes if one not in scopes_of(claims)]
    if missing:
        challenge = f'Bearer scope="{" ".join(missing)}", error="insufficient_scope"'
        raise HTTPException(403, "No", headers={"WWW-Authenticate": challenge})


Checked = Annotated[None, Depends(scope_reader)]
Shown = Annotated[str | None, Depends(shown_in_docs)]


def get_current_user(_: Checked, __: Shown, claims: Claims, db: Db) -> Account:
    """Return the caller."""
    account = find_active(db, claims["sub"])
    assert account is not None
    return account


CurrentUser = Annotated[Account, Depends(get_current_user)]
Keeper = Annotated[Account, Security(get_current_user, scopes=[ACCOUNT_WRITE])]


def require_role(role: str) -> Callable[..., Account]:
    """Return a dependency that wants a role."""

    async def guard(user: CurrentUser) -> Account:
        if role in user.roles:
            return user
        raise HTTPException(403, "No")

    return guard
