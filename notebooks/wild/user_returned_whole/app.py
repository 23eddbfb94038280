"""A user model that is good for storing, and is sent out as it is: the hash goes with it."""

import os
from time import time
from typing import Annotated

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from passlib.hash import bcrypt
from pydantic import BaseModel

app = FastAPI()
KEY = os.environ["SECRET_KEY"]
slow = bcrypt.using(rounds=int(os.environ["PASSWORD_ROUNDS"]))


class User(BaseModel):
    """A user, for the shelf and for the answer alike."""

    username: str
    email: str
    password_hash: str


HASH = slow.hash("violin-in-winter")
ALICE = User(username="alice", email="alice@example.com", password_hash=HASH)


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if username != ALICE.username or not slow.verify(password, ALICE.password_hash):
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


@app.get("/users/me")
def me(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> User:
    """Return the caller: `-> User` is a response model here, and it lists the hash."""
    try:
        jwt.decode(token, KEY, algorithms=["HS256"], subject=ALICE.username)
    except JWTError as problem:
        raise HTTPException(401, "Invalid token") from problem
    return ALICE
