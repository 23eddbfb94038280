"""The same lesson with the model as the return type, and a router."""

from fastapi import APIRouter, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict

from . import people


class Profile(BaseModel):
    """The public side of a person."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    full_name: str
    username: str


router = APIRouter(tags=["profiles"])


@router.get("/profile")
def one(username: str) -> Profile:
    """Find somebody by name."""
    try:
        return Profile.model_validate(people.PEOPLE[username])
    except KeyError:
        raise HTTPException(status_code=404) from None


app = FastAPI()
app.include_router(router)
