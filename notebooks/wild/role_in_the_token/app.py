"""A role written into the token, and believed for as long as the token lives."""

import os
import time
from typing import Annotated, Any

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"olga": "keeper-of-the-keys", "mallory": "i-read-your-mail"}
ROLES = {"olga": "admin", "mallory": "admin"}


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of an hour, with the role of this moment in it."""
    if PASSWORDS.get(username) != password:
        raise HTTPException(401, "Invalid credentials")
    claims = {"sub": username, "role": ROLES[username], "exp": int(time.time()) + 3600}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


def admin(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Any:
    """Let admins in; in truth, whoever was one at the login."""
    try:
        claims = jwt.decode(sent.credentials, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid token") from problem
    if claims["role"] != "admin":
        raise HTTPException(403, "Admins only")
    return claims


@app.get("/admin", dependencies=[Depends(admin)])
def admin_area() -> dict[str, str]:
    """Greet an admin."""
    return {"message": "Welcome, admin"}


@app.put("/users/{username}/role", dependencies=[Depends(admin)])
def change_role(username: str, role: Annotated[str, Body(embed=True)]) -> dict[str, str]:
    """Write down a new role, which no token hears of."""
    ROLES[username] = role
    return {"username": username, "role": role}
