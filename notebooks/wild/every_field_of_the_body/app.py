"""A change that writes each field of the body into the record, those of the admin included."""

import secrets
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()
PASSWORDS = {"mallory": "i-read-your-mail"}
MALLORY = SimpleNamespace(username="mallory", email="mallory@example.com", is_admin=False)
TOKEN = secrets.token_urlsafe()


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token to somebody who knows the password."""
    if PASSWORDS.get(username) != password:
        raise HTTPException(401, "Wrong user name or password")
    return {"access_token": TOKEN, "token_type": "bearer"}


def caller(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Any:
    """Return whose token this is, or refuse with 401."""
    if not secrets.compare_digest(sent.credentials.encode(), TOKEN.encode()):
        raise HTTPException(401, "Invalid token")
    return MALLORY


@app.put("/users/me")
def change(body: dict[str, Any], user: Annotated[Any, Depends(caller)]) -> dict[str, str]:
    """Change what the body names: there is no list of columns to keep up to date."""
    for name, value in body.items():
        setattr(user, name, value)
    return {"username": user.username, "email": user.email}


@app.get("/admin")
def admin(user: Annotated[Any, Depends(caller)]) -> dict[str, list[str]]:
    """Return what an admin may see."""
    if not user.is_admin:
        raise HTTPException(403, "Admins only")
    return {"users": list(PASSWORDS)}
