"""The OAuth2 side, with FastAPI's strict form and a counter."""

from collections import Counter
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestFormStrict

PasswordForm = Annotated[OAuth2PasswordRequestFormStrict, Depends()]
UNCACHED = {"Cache-Control": "no-store, max-age=0", "Pragma": "no-cache"}


class OAuthError(Exception):
    """Ends a request with an OAuth2 error code."""


def refuse_client(request: Request, error: OAuthError) -> JSONResponse:
    """Write the error as RFC 6749 wants it; 401 for wrong credentials."""
    code = str(error)
    status = 401 if code == "invalid_grant" else 400
    headers = UNCACHED | ({"WWW-Authenticate": "Bearer"} if status == 401 else {})
    body = {"error": code, "error_description": "This login was not accepted."}
    return JSONResponse(body, status, headers=headers)


def no_store(response: Response) -> None:
    """Forbid copies."""
    response.headers.update(UNCACHED)


async def each_field_once(request: Request) -> None:
    """Count the names in the form."""
    form = await request.form()
    counted = Counter(name for name, _ in form.multi_items())
    if any(count > 1 for count in counted.values()):
        raise OAuthError("invalid_request")
