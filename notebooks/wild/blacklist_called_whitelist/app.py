"""A logout that writes the token's text into a list of one process, and calls it a whitelist."""

import os
from time import time
from typing import Annotated

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
KEY = os.environ["SECRET_KEY"]
whitelist: list[str] = []  # of tokens that are *not* let in


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if (username, password) != ("alice", "violin-in-winter"):
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


Sent = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]


@app.get("/profile")
def profile(token: Sent) -> dict[str, str]:
    """Welcome the caller, unless the token stands on the list."""
    if token in whitelist:
        raise HTTPException(401, "Logged out")
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"])  # a token without exp passes
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid token") from problem
    return {"message": f"Welcome {claims['sub']}"}


@app.post("/logout")
def logout(token: Sent) -> dict[str, int]:
    """Put the token on the list, whatever it is; nothing ever leaves it."""
    whitelist.append(token)
    return {"tokens on the whitelist": len(whitelist)}
