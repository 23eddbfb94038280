"""A check too many: the time in the token is a number, the clock beside it a datetime."""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()

KEY = os.environ["SECRET_KEY"]
PASSWORDS = {"alice": "violin-in-winter"}


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()]) -> dict[str, str]:
    """Give a token of fifteen minutes to somebody who knows the password."""
    if PASSWORDS.get(username) != password:
        raise HTTPException(401, "Wrong user name or password")
    claims = {"sub": username, "exp": datetime.now(UTC) + timedelta(minutes=15)}
    return {"access_token": jwt.encode(claims, KEY, algorithm="HS256"), "token_type": "bearer"}


@app.get("/protected")
def protected(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Greet the user of a good token; in truth, crash at each of them."""
    try:
        claims = jwt.decode(sent.credentials, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError as problem:  # an ended token too: PyJWT has looked at the clock
        raise HTTPException(401, "Invalid token") from problem
    if claims["exp"] < datetime.now(UTC):
        raise HTTPException(401, "This token has ended")
    return f"Welcome {claims['sub']}"
