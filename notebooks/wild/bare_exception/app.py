"""A guard that cries out in the wrong way: each bad token crashes the route that it should guard."""

import os
from time import time
from typing import Annotated

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter"}


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if PASSWORDS.get(username) != password:
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


def caller(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> str:
    """Return the name in a good token, or refuse with 401; in truth, with 500."""
    try:
        return str(jwt.decode(token, KEY, algorithms=["HS256"])["sub"])
    except JWTError as problem:
        raise Exception("Invalid token") from problem  # FastAPI makes an answer of HTTPException


@app.get("/profile", responses={401: {"description": "The token is not good"}})
def profile(name: Annotated[str, Depends(caller)]) -> dict[str, str]:
    """Welcome the caller."""
    return {"message": f"Welcome {name}"}
