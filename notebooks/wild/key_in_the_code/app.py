"""A key in the code: whoever reads this file can sign tokens for everybody."""

import time
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel

app = FastAPI()

SECRET_KEY = "long-enough-but-in-every-copy-of-this-file"
PASSWORDS = {"alice": "violin-in-winter", "mallory": "i-read-your-mail"}


class Login(BaseModel):
    """What somebody types in."""

    username: str
    password: str


@app.post("/login")
def login(typed: Login) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if PASSWORDS.get(typed.username) != typed.password:
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": typed.username, "exp": int(time.time()) + 900}
    token = jwt.encode(claims, SECRET_KEY, algorithm="HS256")
    return {"access_token": token, "token_type": "bearer"}


@app.get("/users/me")
def me(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="login"))]) -> dict[str, str]:
    """Tell callers who they are."""
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, "Invalid or expired token") from problem
    return {"username": claims["sub"]}
