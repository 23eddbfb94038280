"""A guard that hands its refusal over in place of a user: `return` where `raise` is due."""

import os
from time import time
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt

app = FastAPI()
KEY = os.environ["SECRET_KEY"]


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if (username, password) != ("alice", "violin-in-winter"):
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


def caller(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> Any:
    """Return who is calling, or refuse; in truth, return a refusal that nobody looks at."""
    try:
        return {"username": jwt.decode(token, KEY, algorithms=["HS256"])["sub"]}
    except JWTError:
        return HTTPException(401, "Invalid token")  # an object like any other, until it is raised


@app.get("/users/me")
def me(user: Annotated[Any, Depends(caller)]):
    """Return the caller."""
    return user


@app.get("/protected", dependencies=[Depends(caller)])
def protected() -> dict[str, str]:
    """Tell a secret to whoever passes the guard."""
    return {"message": "The key is under the mat"}
