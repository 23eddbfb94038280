"""The guard at each door."""

from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param

from .store import Account, find_by_id
from .tokens import NotGood, read

REALM = 'Bearer realm="profiles"'
http_bearer = HTTPBearer(auto_error=False)


class Guard(OAuth2PasswordBearer):
    """Shows up as OAuth2 in the documentation, and hands out the caller's account."""

    async def __call__(self, request: Request) -> Account:  # type: ignore[override]
        """Return the caller, or refuse."""
        scheme, credentials = get_authorization_scheme_param(request.headers.get("authorization"))
        if scheme.lower() != "bearer" or not credentials:
            raise HTTPException(401, "Please sign in.", {"WWW-Authenticate": REALM})
        account = holder(credentials)
        if not account:
            challenge = f'{REALM}, error="invalid_token"'
            raise HTTPException(401, "Please sign in again.", {"WWW-Authenticate": challenge})
        return account


def holder(token: str) -> Account | None:
    """Return whose good token this is, if there is an active account for it."""
    try:
        subject, _ = read(token)
    except NotGood:
        return None
    account = find_by_id(subject)
    if account and not account.disabled:
        return account
    return None


guard = Guard(tokenUrl="/token")
