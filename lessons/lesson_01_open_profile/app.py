"""An API with profiles that anybody may read."""

from fastapi import HTTPException
from fastapi_offline import FastAPIOffline

from .people import PEOPLE
from .schemas import PublicProfile

app = FastAPIOffline(title="Profiles")


# TODO 2: let only the public view leave the house
@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    """Return the profile of one person."""
    # TODO 1: refuse a name that nobody has with 404
    return PEOPLE.get(username, {})
