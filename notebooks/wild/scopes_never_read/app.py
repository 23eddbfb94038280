"""Scopes that every route declares and that no line of the program ever looks at."""

import os
from time import time
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

app = FastAPI()
KEY = os.environ["SECRET_KEY"]
SCOPES = {"notes:read": "Read notes", "notes:write": "Write notes"}
notes = ["Buy strings"]
oauth2 = OAuth2PasswordBearer(tokenUrl="token", scopes=SCOPES)


@app.post("/token")
def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    """Give a token for the scopes that were asked for and exist."""
    if (form.username, form.password) != ("alice", "violin-in-winter"):
        raise HTTPException(400, "Wrong user name or password")
    scope = " ".join(one for one in form.scopes if one in SCOPES)
    claims = {"sub": "alice", "scope": scope, "exp": int(time()) + 900}
    return {"access_token": jwt.encode(claims, KEY), "token_type": "bearer", "scope": scope}


def caller(token: Annotated[str, Depends(oauth2)]) -> str:
    """Return who is calling; the scopes that a route needs never arrive here."""
    try:
        return str(jwt.decode(token, KEY, algorithms=["HS256"])["sub"])
    except jwt.InvalidTokenError as problem:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) from problem


@app.get("/notes")
def read(user: Annotated[str, Security(caller, scopes=["notes:read"])]) -> list[str]:
    """Return the notes."""
    return notes


@app.post("/notes", status_code=201)
def write(text: str, user: Annotated[str, Security(caller, scopes=["notes:write"])]) -> list[str]:
    """Add a note; the scope stands right there, and does nothing."""
    return [*notes, text]
