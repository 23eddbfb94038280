"""The same lesson without a response model: the public view is built by hand, asynchronously."""

from typing import Annotated

from fastapi import FastAPI, Query, status
from fastapi.responses import JSONResponse

from .people import PEOPLE

app = FastAPI()
PUBLIC = ("username", "full_name")


@app.get("/profile")
async def read_profile(username: Annotated[str, Query(max_length=64)]) -> JSONResponse:
    """Answer with the public fields, or with 404."""
    person = PEOPLE.get(username.casefold())
    if person is None:
        return JSONResponse({"detail": "unknown"}, status.HTTP_404_NOT_FOUND)
    return JSONResponse({field: person[field] for field in PUBLIC})
