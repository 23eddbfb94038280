"""How an OAuth2 client asks for a token: what lesson 4 adds."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm


class OAuthError(Exception):
    """A refusal by one of the names of RFC 6749 §5.2, such as `invalid_grant`."""


# TODO 1: let FastAPI read the OAuth2 form, and refuse what is none
class HandmadeForm:
    """What the form should hold."""

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password


async def read_form(request: Request) -> HandmadeForm:
    """Read the form by hand and hope that it is one."""
    form = await request.form()
    return HandmadeForm(form["username"], form["password"])


PasswordForm = Annotated[HandmadeForm, Depends(read_form)]


def refuse_client(request: Request, error: OAuthError) -> JSONResponse:
    """Answer 400 in the form that every OAuth2 client reads (RFC 6749 §5.2)."""
    # TODO 3: put the error's name where a client looks for it, uncached
    return JSONResponse({"detail": "That did not work"}, status_code=400)


def no_store(response: Response) -> None:
    """Keep an answer that holds a token out of every cache (RFC 6749 §5.1)."""
    # TODO 2: tell browsers and proxies to keep no copy
    return


async def each_field_once(request: Request) -> None:
    """Refuse a form that names a field twice (RFC 6749 §3.2)."""
    # TODO 4: raise `invalid_request` when a field comes twice
    return
