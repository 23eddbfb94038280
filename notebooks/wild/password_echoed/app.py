"""A new user sent back as it came: the answer repeats the password."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

app = FastAPI()

ROLES = {"olgas-token": ["admin"], "alices-token": ["user"]}
USERS: list["User"] = []


class User(BaseModel):
    """A user, for the body, for the table and for the answer alike."""

    username: str
    password: str
    roles: list[str] = []


def admin(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    """Let admins in."""
    if "admin" not in ROLES.get(sent.credentials, []):
        raise HTTPException(403, "Admins only")


@app.post("/users", status_code=201, dependencies=[Depends(admin)])
def create_user(user: User) -> User:
    """Create a user."""
    USERS.append(user)
    return user
