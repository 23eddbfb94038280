"""Thirty minutes for one token, seven days for the other, and nothing tells them apart."""

import os
from time import time
from typing import Annotated

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter"}
ACCESS_SECONDS, REFRESH_SECONDS = 30 * 60, 7 * 86_400


def signed(username: str, seconds: int) -> str:
    """Return a token of this length; both kinds are made here."""
    return jwt.encode({"sub": username, "exp": int(time()) + seconds}, KEY)


def caller(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> str:
    """Return the name in a good token, or refuse with 401."""
    try:
        return str(
            jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["exp"]})["sub"]
        )
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid token") from problem


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give two tokens to somebody who knows the password."""
    if PASSWORDS.get(username) != password:
        raise HTTPException(401, "Wrong user name or password")
    both = {"access_token": signed(username, ACCESS_SECONDS)}
    return both | {"refresh_token": signed(username, REFRESH_SECONDS)}


@app.get("/profile")
def profile(name: Annotated[str, Depends(caller)]) -> dict[str, str]:
    """Welcome the caller."""
    return {"message": f"Welcome {name}"}
