"""How the API asks for a token: what lesson 5 adds."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPBearer, OAuth2PasswordBearer

CHALLENGE = {"WWW-Authenticate": "Bearer"}


# >>> your turn 1: ask for a token, and say at which address a client gets one
# before: def oauth2_scheme() -> str:
# before:     """Ask for nothing."""
# before:     return ""
# Who sends no header, or another scheme than Bearer, gets a 401 from here.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
# <<<


# >>> your turn 2: ask for a bearer token of any origin
# before: def http_bearer() -> None:
# before:     """Ask for nothing."""
http_bearer = HTTPBearer()
# <<<


def bearer_token(token: Annotated[str, Depends(oauth2_scheme)]) -> str:
    """Return the token that the caller sent, still unchecked, or refuse with 401."""
    # >>> your turn 3: refuse an empty token
    # before: return token
    # `Authorization: Bearer` with nothing behind it passes OAuth2PasswordBearer.
    if not token:
        raise HTTPException(401, "Not authenticated", headers=CHALLENGE)
    return token
    # <<<


BearerToken = Annotated[str, Depends(bearer_token)]
