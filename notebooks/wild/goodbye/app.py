"""A logout that says goodbye: the server tells the client to forget its token, and trusts it."""

import os
from time import time
from typing import Annotated

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
KEY = os.environ["SECRET_KEY"]


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if (username, password) != ("alice", "violin-in-winter"):
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


def caller(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> str:
    """Return the name in a good token, or refuse."""
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid token") from problem
    return str(claims["sub"])


@app.get("/profile")
def profile(name: Annotated[str, Depends(caller)]) -> dict[str, str]:
    """Welcome the caller."""
    return {"message": f"Welcome {name}"}


@app.post("/logout", dependencies=[Depends(caller)])
def logout() -> dict[str, str]:
    """Ask the client to forget its token; whoever copied it is not asked."""
    return {"message": "You are logged out. Please delete your token."}
