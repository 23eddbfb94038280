"""The form read by hand, and asynchronously."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse


class OAuthError(Exception):
    """A refusal by its name."""


@dataclass
class TokenForm:
    """The two forms of /token."""

    grant_type: str
    username: str
    password: str
    refresh_token: str
    scopes: list[str]


async def read(request: Request) -> TokenForm:
    """Read either form, or refuse."""
    form = await request.form()
    fields = {name: text for name, text in form.multi_items() if isinstance(text, str)}
    kind = fields.get("grant_type") or "password"
    needed = {"password": ("username", "password"), "refresh_token": ("refresh_token",)}
    if kind not in needed:
        raise OAuthError("unsupported_grant_type")
    if not all(fields.get(name) for name in needed[kind]):
        raise OAuthError("invalid_request")
    names = ("username", "password", "refresh_token")
    known = {name: fields.get(name, "") for name in names}
    return TokenForm(kind, **known, scopes=fields.get("scope", "").split())


GrantForm = Annotated[TokenForm, Depends(read)]


async def refuse_client(request: Request, error: OAuthError) -> JSONResponse:
    """Answer 400."""
    body = {"error": str(error), "error_description": "Log in again"}
    return JSONResponse(body, 400, headers={"Pragma": "no-cache", "Cache-Control": "no-store"})


async def no_store(response: Response) -> None:
    """Forbid copies."""
    response.headers["Cache-Control"] = "no-store, private"


async def each_field_once(request: Request) -> None:
    """Refuse a form that names a field twice."""
    form = await request.form()
    if len(form.multi_items()) != len(form.keys()):
        raise OAuthError("invalid_request")
