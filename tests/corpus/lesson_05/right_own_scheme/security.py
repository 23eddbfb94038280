"""One scheme of our own for both routes: it reads the header strictly and describes itself."""

from fastapi import HTTPException, Request
from fastapi.openapi.models import OAuthFlowPassword, OAuthFlows
from fastapi.security import OAuth2


class StrictBearer(OAuth2):
    """Ask for `Authorization: Bearer <token>`, and refuse everything else alike."""

    def __init__(self, token_url: str) -> None:
        flow = OAuthFlowPassword(tokenUrl=token_url)
        super().__init__(scheme_name="password_login", flows=OAuthFlows(password=flow))

    async def __call__(self, request: Request) -> str:
        """Return the token."""
        match request.headers.getlist("authorization"):
            case [header]:
                words = header.split(" ")
            case _:
                words = []
        if len(words) != 2 or words[0].casefold() != "bearer" or not words[1]:
            raise HTTPException(
                status_code=401,
                detail={"code": "token_missing"},
                headers={"WWW-Authenticate": 'bearer realm="api", charset="UTF-8"'},
            )
        return words[1]


strict_bearer = StrictBearer("/token")
