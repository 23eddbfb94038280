"""A factory with one word too many: `async` makes a coroutine of the guard."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()

ROLES = {"olgas-token": ["admin"], "alices-token": ["user"]}


def current_roles(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Any:
    """Return the roles of a caller."""
    return ROLES.get(sent.credentials, [])


async def require_role(role: str) -> Any:
    """Return a guard; in truth, a promise of one that nobody awaits."""

    def guard(roles: Annotated[list[str], Depends(current_roles)]) -> None:
        if role not in roles:
            raise HTTPException(403, "Not allowed")

    return guard


@app.post("/users", dependencies=[Depends(require_role("admin"))])
def create_user(username: str) -> dict[str, str]:
    """Create a user."""
    return {"username": username}
