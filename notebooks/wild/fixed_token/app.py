"""A door with one word for everybody: the token is a fixed string in the code."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()

WORD = "summer-school"  # for every caller, for ever, and in every copy of this file


@app.get("/protected")
def protected(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Let in whoever knows the word, without a name."""
    if sent.credentials != WORD:
        raise HTTPException(401, "Wrong token", headers={"WWW-Authenticate": "Bearer"})
    return "Come in, whoever you are"
