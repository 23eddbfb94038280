"""An API with profiles that anybody may read."""

from fastapi import HTTPException
from fastapi_offline import FastAPIOffline

from .people import PEOPLE
from .schemas import PublicProfile

app = FastAPIOffline(title="Profiles")


# >>> your turn 2: let only the public view leave the house
# before: @app.get("/profile")
# A model that lists what may go out keeps in every field that is added later.
@app.get("/profile", response_model=PublicProfile)
# <<<
def profile(username: str) -> dict[str, str]:
    """Return the profile of one person."""
    # >>> your turn 1: refuse a name that nobody has with 404
    # before: return PEOPLE.get(username, {})
    if username not in PEOPLE:
        raise HTTPException(404, "No such profile")
    return PEOPLE[username]
    # <<<
