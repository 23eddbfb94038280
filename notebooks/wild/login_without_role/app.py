"""A login that forgets an argument: each right password ends in a crash."""

import os
import time

import jwt
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter"}  # in clear: lesson 2 says why not


class Login(BaseModel):
    """What somebody types in."""

    username: str
    password: str


def create_token(username: str, role: str) -> str:
    """Return a token that carries a role."""
    claims = {"sub": username, "role": role, "exp": int(time.time()) + 900}
    return jwt.encode(claims, KEY, algorithm="HS256")


@app.post("/login")
def login(typed: Login) -> dict[str, str]:
    """Give a token to somebody who knows the password; in truth, to nobody."""
    if PASSWORDS.get(typed.username) != typed.password:
        raise HTTPException(401, "Invalid credentials")
    token = create_token(typed.username)  # no role: TypeError
    return {"access_token": token, "token_type": "bearer"}
