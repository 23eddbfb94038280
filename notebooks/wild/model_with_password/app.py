"""A user model that also holds the password, and is the answer of a route."""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel

app = FastAPI()
KEY = os.environ["SECRET_KEY"]
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


class User(BaseModel):
    """A user with all that belongs to one."""

    username: str
    email: str
    password: str


USERS = {
    "alice": User(username="alice", email="alice@example.com", password="violin-in-winter"),
}


def create_access_token(claims: dict[str, str]) -> str:
    """Return a token of a day."""
    return jwt.encode({**claims, "exp": datetime.now(UTC) + timedelta(hours=24)}, KEY)


@app.post("/token")
def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    """Give a token to somebody who knows the password."""
    user = USERS.get(form.username)
    if user is None or user.password != form.password:
        raise HTTPException(400, "Incorrect username or password")
    return {"access_token": create_access_token({"sub": user.username}), "token_type": "bearer"}


@app.get("/users/me")
def me(token: Annotated[str, Depends(oauth2_scheme)]) -> User:
    """Return the caller, by the model that is there."""
    try:
        return USERS[jwt.decode(token, KEY, algorithms=["HS256"])["sub"]]
    except (jwt.InvalidTokenError, KeyError) as problem:
        raise HTTPException(401, "Invalid token") from problem
