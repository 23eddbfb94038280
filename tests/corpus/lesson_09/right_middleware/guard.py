"""A guard in front of the app: it asks the app's own routes which of them is meant."""

import re
from typing import Any

from fastapi import HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .database import SessionLocal
from .models import Account
from .security import CHALLENGE, get_current_user

# The decoded path, whole, with and without a slash at its end; every method.
ADMINS = re.compile(r"/admin(/.*)?|/users/?|/users/[^/]+/.+")


class AdminsOnly:
    """Lets admins alone pass to what is theirs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the path that the router will look at."""
        if scope["type"] == "http" and ADMINS.fullmatch(scope["path"]):
            refusal = await run_in_threadpool(refused, Request(scope))
            if refusal:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def refused(request: Request) -> JSONResponse | None:
    """Return the refusal of a caller who is no admin."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return JSONResponse({"detail": "Who are you?"}, 401, headers=CHALLENGE)
    with SessionLocal() as db:
        try:
            user: Account = get_current_user(token.strip(), db)
        except HTTPException as error:
            headers: Any = error.headers
            return JSONResponse({"detail": error.detail}, error.status_code, headers=headers)
        if "admin" not in user.roles:
            return JSONResponse({"detail": "This is not for you."}, 403)
    return None
