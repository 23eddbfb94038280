"""A change that wants a token, and then believes the address: whose token it is, nobody asks."""

import os
from time import time
from typing import Annotated

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()
KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter", "mallory": "i-read-your-mail"}
USERS = {
    1: {"id": 1, "username": "alice", "email": "alice@example.com"},
    2: {"id": 2, "username": "mallory", "email": "mallory@example.com"},
}


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if PASSWORDS.get(username) != password:
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY, "HS256"), "token_type": "bearer"}


def valid_token(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Return the name in a good token, or refuse with 401."""
    try:
        return str(jwt.decode(sent.credentials, KEY, ["HS256"])["sub"])
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid token") from problem


@app.put("/users/{user_id}", dependencies=[Depends(valid_token)])  # the name is thrown away
def change(user_id: int, email: Annotated[str, Body(embed=True)]) -> dict[str, int | str]:
    """Change the e-mail address of a user."""
    if user_id not in USERS:
        raise HTTPException(404, "User not found")
    USERS[user_id]["email"] = email
    return USERS[user_id]
