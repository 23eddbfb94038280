"""A clock without a zone: the token's end is right in Greenwich and wrong by hours elsewhere."""

import os
from datetime import datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter"}


class Login(BaseModel):
    """What somebody types in."""

    username: str
    password: str


@app.post("/login")
def login(typed: Login) -> dict[str, str]:
    """Give a token of fifteen minutes, by this clock, to somebody who knows the password."""
    if PASSWORDS.get(typed.username) != typed.password:
        raise HTTPException(401, "Wrong user name or password")
    # utcnow() does not say that it means UTC, so timestamp() takes it for the local time.
    end = (datetime.utcnow() + timedelta(minutes=15)).timestamp()
    claims = {"sub": typed.username, "exp": int(end)}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


@app.get("/users/me")
def me(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> dict[str, str]:
    """Tell callers who they are."""
    try:
        return {"username": jwt.decode(token, KEY, algorithms=["HS256"])["sub"]}
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid or expired token") from problem
