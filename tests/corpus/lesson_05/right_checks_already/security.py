"""The token is asked for and, since it is here, looked at."""

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer

from .tokens import InvalidToken, verify_token

from_form = OAuth2PasswordBearer(tokenUrl="./token", auto_error=False, description="log in")
from_header = HTTPBearer(auto_error=False, bearerFormat="JWT")


def refused(error: str = "") -> HTTPException:
    """Return a 401; `error` stays away when no token came (RFC 6750 §3.1)."""
    challenge = f'Bearer realm="workbook", error="{error}"' if error else 'Bearer realm="workbook"'
    return HTTPException(401, "Please log in", {"WWW-Authenticate": challenge})


def checked(token: str | None) -> str:
    """Return the id of whom a token stands for, or refuse."""
    if not token:
        raise refused()
    try:
        return str(verify_token(token)["sub"])
    except InvalidToken:
        raise refused("invalid_token") from None


async def bearer_token(token: str | None = Depends(from_form)) -> str:
    """Guard a route; the docs offer the login."""
    return checked(token)


async def http_bearer(found: HTTPAuthorizationCredentials | None = Depends(from_header)) -> str:
    """Guard a route, wherever the token comes from."""
    return checked(found.credentials if found else None)
