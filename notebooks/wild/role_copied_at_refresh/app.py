"""A refresh that copies the role out of the old token: once an admin, always an admin."""

import json
import os
from pathlib import Path
from time import time
from typing import Annotated, Any

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
USERS = Path(os.environ["DATA_DIR"]) / "users.json"
USERS.parent.mkdir(parents=True, exist_ok=True)
USERS.write_text(json.dumps({"mallory": {"password": "i-read-your-mail", "role": "admin"}}))


def token(name: str, role: str) -> dict[str, str]:
    """Return a token that says who somebody is, and what."""
    return {"token": jwt.encode({"sub": name, "role": role, "exp": int(time()) + 900}, KEY)}


def caller(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, Any]:
    """Return the claims of a good token, or refuse with 401."""
    try:
        return dict(jwt.decode(sent.credentials, KEY, algorithms=["HS256"]))
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid token") from problem


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token with the role of today."""
    user = json.loads(USERS.read_text()).get(username)
    if user is None or user["password"] != password:
        raise HTTPException(401, "Wrong user name or password")
    return token(username, user["role"])


@app.post("/refresh")
def refresh(claims: Annotated[dict[str, Any], Depends(caller)]) -> dict[str, str]:
    """Give a new token with the role of the old one, whatever has become of it."""
    return token(claims["sub"], claims["role"])


@app.get("/admin")
def admin(claims: Annotated[dict[str, Any], Depends(caller)]) -> str:
    """Greet an admin."""
    if claims["role"] != "admin":
        raise HTTPException(403, "Admins only")
    return "Welcome to the admin area"
