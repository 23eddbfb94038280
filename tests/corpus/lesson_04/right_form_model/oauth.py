"""A form of our own: a Pydantic model, and every answer uncached by a middleware."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import Form, HTTPException, Request, Response
from pydantic import BaseModel, Field, SecretStr


class PasswordGrant(BaseModel):
    """What a client sends to /token; what it adds beyond this is not read."""

    grant_type: Literal["password"]
    username: str = Field(max_length=200)
    password: SecretStr = Field(max_length=1000)
    scope: str = ""
    client_id: str | None = None
    client_secret: SecretStr | None = None


GrantForm = Annotated[PasswordGrant, Form()]


async def plain_form(request: Request) -> None:
    """Let through a URL-encoded form alone, and each of its names once."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Send application/x-www-form-urlencoded")
    form = await request.form()
    if any(len(form.getlist(name)) != 1 for name in form):
        raise HTTPException(400, "Send each field once")


async def uncached(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Keep every answer of this service out of caches."""
    response = await call_next(request)
    response.headers["cache-control"] = "private, No-Store"
    return response
