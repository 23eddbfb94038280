"""A peer: what FastAPI's security tutorial arrives at, OAuth2 with a password, JWT and pwdlib.

Written anew after https://fastapi.tiangolo.com/tutorial/security/oauth2-jwt/: one user in a
dictionary, three dependencies on one another, a model that keeps the hash inside.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pwdlib import PasswordHash
from pydantic import BaseModel, Field

KEY = os.environ["SECRET_KEY"]
ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=30)

hashing = PasswordHash.recommended()
scheme = OAuth2PasswordBearer(tokenUrl="token")
app = FastAPI()


class Token(BaseModel):
    """The answer to a login."""

    access_token: str
    token_type: str = Field(default="bearer")


class TokenData(BaseModel):
    """What is read out of a token."""

    username: str | None = None


class User(BaseModel):
    """What goes out of a user."""

    username: str
    email: str | None = None
    full_name: str | None = None
    disabled: bool | None = None


class UserInDB(User):
    """What is kept of a user."""

    hashed_password: str


USERS = {
    "alice": {
        "username": "alice",
        "full_name": "Alice Example",
        "email": "alice@example.com",
        "hashed_password": hashing.hash("correct-horse"),
        "disabled": False,
    }
}


def get_user(username: str | None) -> UserInDB | None:
    """Return the user of that name."""
    return UserInDB(**USERS[username]) if username in USERS else None


async def get_current_user(token: Annotated[str, Depends(scheme)]) -> UserInDB:
    """Return the user whom a token names."""
    refusal = HTTPException(
        401, "Could not validate credentials", headers={"WWW-Authenticate": "Bearer"}
    )
    try:
        claims = TokenData(username=jwt.decode(token, KEY, algorithms=[ALGORITHM]).get("sub"))
    except jwt.InvalidTokenError as problem:
        raise refusal from problem
    user = get_user(claims.username)
    if user is None:
        raise refusal
    return user


async def get_current_active_user(user: Annotated[User, Depends(get_current_user)]) -> User:
    """Return the current user unless they are disabled."""
    if user.disabled:
        raise HTTPException(400, "Inactive user")
    return user


@app.post("/token")
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    """Give a token for a password."""
    user = get_user(form.username)
    if user is None or not hashing.verify(form.password, user.hashed_password):
        raise HTTPException(401, "Incorrect username or password")
    claims = {"sub": user.username, "exp": datetime.now(UTC) + LIFETIME}
    return Token(access_token=jwt.encode(claims, KEY, algorithm=ALGORITHM))


@app.get("/users/me")
async def me(user: Annotated[User, Depends(get_current_active_user)]) -> User:
    """Return the caller."""
    return user
