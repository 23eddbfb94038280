"""One gate in front of everything: only the routes that are named open are open."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from .store import Account, find_by_id
from .tokens import InvalidToken, verify_token

OPEN = {"/register", "/login", "/token", "/openapi.json"}
UNDER = ("/docs", "/redoc", "/static-offline-docs")
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token", auto_error=False)


class Gate:
    """Lets a request through with its caller, or answers it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not is_open(scope["path"]):
            sent = token_in(Request(scope))
            account = account_of(sent) if sent else None
            if account is None:
                await refusal(sent)(scope, receive, send)
                return
            scope.setdefault("state", {})["account"] = account
        await self.app(scope, receive, send)


def is_open(path: str) -> bool:
    """Tell whether everybody may call this path."""
    return path in OPEN or path.startswith(UNDER)


def token_in(request: Request) -> str:
    """Return the token that was sent, or nothing."""
    words = request.headers.get("authorization", "").split(" ", 1)
    return words[1].strip() if len(words) == 2 and words[0].lower() == "bearer" else ""


def account_of(token: str) -> Account | None:
    """Return the account that a token opens."""
    try:
        account = find_by_id(verify_token(token)["sub"])
    except InvalidToken:
        return None
    return account if account and not account.disabled else None


def refusal(sent: str) -> JSONResponse:
    """Return the 401 for a bad token, or for none."""
    challenge = 'Bearer error="invalid_token"' if sent else "Bearer"
    body = {"detail": "Could not validate credentials"}
    return JSONResponse(body, 401, headers={"WWW-Authenticate": challenge})


def current(request: Request, _: Annotated[object, Depends(oauth2_scheme)]) -> Account:
    """Return the caller whom the gate let in."""
    return request.state.account


Current = Annotated[Account, Depends(current)]
