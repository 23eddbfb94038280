"""How an OAuth2 client asks for a token: what lesson 4 adds."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm


class OAuthError(Exception):
    """A refusal by one of the names of RFC 6749 §5.2, such as `invalid_grant`."""


# >>> your turn 1: let FastAPI read the OAuth2 form, and refuse what is none
# before: class HandmadeForm:
# before:     """What the form should hold."""
# before:
# before:     def __init__(self, username: str, password: str) -> None:
# before:         self.username = username
# before:         self.password = password
# before:
# before:
# before: async def read_form(request: Request) -> HandmadeForm:
# before:     """Read the form by hand and hope that it is one."""
# before:     form = await request.form()
# before:     return HandmadeForm(form["username"], form["password"])
# before:
# before:
# before: PasswordForm = Annotated[HandmadeForm, Depends(read_form)]
PasswordForm = Annotated[OAuth2PasswordRequestForm, Depends()]
# <<<


def refuse_client(request: Request, error: OAuthError) -> JSONResponse:
    """Answer 400 in the form that every OAuth2 client reads (RFC 6749 §5.2)."""
    # >>> your turn 3: put the error's name where a client looks for it, uncached
    # before: return JSONResponse({"detail": "That did not work"}, status_code=400)
    return JSONResponse({"error": str(error)}, 400, headers={"Cache-Control": "no-store"})
    # <<<


def no_store(response: Response) -> None:
    """Keep an answer that holds a token out of every cache (RFC 6749 §5.1)."""
    # >>> your turn 2: tell browsers and proxies to keep no copy
    # before: return
    # A proxy or a shared browser would hand its copy to the next person.
    response.headers["Cache-Control"] = "no-store"
    # <<<


async def each_field_once(request: Request) -> None:
    """Refuse a form that names a field twice (RFC 6749 §3.2)."""
    # >>> your turn 4: raise `invalid_request` when a field comes twice
    # before: return
    names = [name for name, _ in (await request.form()).multi_items()]
    # A guard in front may look at the first password while we look at the last.
    if len(names) > len(set(names)):
        raise OAuthError("invalid_request")
    # <<<
