"""How the API asks for a token: what lesson 5 adds."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPBearer, OAuth2PasswordBearer

CHALLENGE = {"WWW-Authenticate": "Bearer"}


# TODO 1: ask for a token, and say at which address a client gets one
def oauth2_scheme() -> str:
    """Ask for nothing."""
    return ""


# TODO 2: ask for a bearer token of any origin
def http_bearer() -> None:
    """Ask for nothing."""


def bearer_token(token: Annotated[str, Depends(oauth2_scheme)]) -> str:
    """Return the token that the caller sent, still unchecked, or refuse with 401."""
    # TODO 3: refuse an empty token
    return token


BearerToken = Annotated[str, Depends(bearer_token)]
