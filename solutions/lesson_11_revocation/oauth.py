"""How an OAuth2 client asks for a token: what lesson 4 adds."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm


class OAuthError(Exception):
    """A refusal by one of the names of RFC 6749 §5.2, such as `invalid_grant`."""


PasswordForm = Annotated[OAuth2PasswordRequestForm, Depends()]


def refuse_client(request: Request, error: OAuthError) -> JSONResponse:
    """Answer 400 in the form that every OAuth2 client reads (RFC 6749 §5.2)."""
    return JSONResponse({"error": str(error)}, 400, headers={"Cache-Control": "no-store"})


def no_store(response: Response) -> None:
    """Keep an answer that holds a token out of every cache (RFC 6749 §5.1)."""
    # A proxy or a shared browser would hand its copy to the next person.
    response.headers["Cache-Control"] = "no-store"


async def each_field_once(request: Request) -> None:
    """Refuse a form that names a field twice (RFC 6749 §3.2)."""
    names = [name for name, _ in (await request.form()).multi_items()]
    # A guard in front may look at the first password while we look at the last.
    if len(names) > len(set(names)):
        raise OAuthError("invalid_request")
