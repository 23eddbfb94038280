"""A login that grants the scopes it is asked for, and a 401 for a scope that is missing."""

import os
from time import time
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm, SecurityScopes

app = FastAPI()
KEY = os.environ["SECRET_KEY"]
USERS = {"alice": "violin-in-winter", "mallory": "i-read-your-mail"}
SCOPES = {"me": "See my name", "users:admin": "Manage all users"}
oauth2 = OAuth2PasswordBearer(tokenUrl="token", scopes=SCOPES)


@app.post("/token")
def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    """Give a token for whatever was asked for."""
    if USERS.get(form.username) != form.password:
        raise HTTPException(400, "Wrong user name or password")
    scope = " ".join(form.scopes)  # nobody asks whether this user may have it
    claims = {"sub": form.username, "scope": scope, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY), "token_type": "bearer"}


def caller(needed: SecurityScopes, token: Annotated[str, Depends(oauth2)]) -> str:
    """Return who is calling, if the token has the scopes that are needed."""
    refusal = HTTPException(401, headers={"WWW-Authenticate": f'Bearer scope="{needed.scope_str}"'})
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError as problem:
        raise refusal from problem
    if not set(needed.scopes) <= set(claims["scope"].split()):
        raise refusal  # the same 401, so the client logs in again, and again
    return str(claims["sub"])


@app.get("/admin")
def admin(user: Annotated[str, Security(caller, scopes=["users:admin"])]) -> dict[str, str]:
    """Greet an admin."""
    return {"message": f"Welcome to the admin area, {user}"}
