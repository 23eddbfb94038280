"""A class that the library never had: this page was not run before it was published."""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer, HTTPBearerCredentials

app = FastAPI()


@app.get("/profile")
def profile(sent: Annotated[HTTPBearerCredentials, Depends(HTTPBearer())]) -> dict[str, str]:
    """Show what was sent."""
    return {"token": sent.credentials}
