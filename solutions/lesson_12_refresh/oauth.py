"""How an OAuth2 client asks for a token: what lesson 4 adds, and lesson 12 extends."""

from typing import Annotated

from fastapi import Depends, Form, Request, Response
from fastapi.responses import JSONResponse


class OAuthError(Exception):
    """A refusal by one of the names of RFC 6749 §5.2, such as `invalid_grant`."""


class TokenForm:
    """What a client sends to log in or to refresh (RFC 6749 §4.3.2 and §6)."""

    def __init__(
        self,
        grant_type: Annotated[str, Form()] = "password",
        username: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        refresh_token: Annotated[str, Form()] = "",
        scope: Annotated[str, Form()] = "",
    ) -> None:
        """Take the fields; FastAPI's own form class knows `password` alone as a grant type."""
        self.grant_type = grant_type
        self.username, self.password = username, password
        self.refresh_token = refresh_token
        self.scopes = scope.split()
        needed = {"password": username and password, "refresh_token": refresh_token}
        if grant_type not in needed:
            raise OAuthError("unsupported_grant_type")
        if not needed[grant_type]:
            raise OAuthError("invalid_request")


GrantForm = Annotated[TokenForm, Depends()]


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
