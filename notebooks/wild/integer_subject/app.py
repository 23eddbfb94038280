"""A user's id is a number, and goes into the token as one: no token is ever good."""

import os
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter"}
IDS = {"alice": 7}


class Login(BaseModel):
    """What somebody types in."""

    username: str
    password: str


@app.post("/login")
def login(typed: Login) -> dict[str, str]:
    """Give a token to somebody who knows the password."""
    if PASSWORDS.get(typed.username) != typed.password:
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": IDS[typed.username]}  # RFC 7519 §4.1.2 wants a text here
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


@app.get("/users/me")
def me(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> dict[str, int]:
    """Tell callers their id; in truth, refuse every one of them."""
    try:
        return {"id": jwt.decode(token, KEY, algorithms=["HS256"])["sub"]}
    except jwt.InvalidTokenError as problem:  # one message for all: the reason is lost
        raise HTTPException(401, "Invalid or expired token") from problem
