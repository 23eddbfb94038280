"""Notes by a join with their owner; extra fields are refused with 422."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path
from pydantic import BaseModel, Field
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .database import Db
from .models import Account, Note
from .schemas import SavedNote
from .security import CurrentUser, get_current_user

router = APIRouter(prefix="/notes", dependencies=[Depends(get_current_user)])


class NoteIn(BaseModel, extra="forbid"):
    """A title and a text, and a 422 for a third field."""

    title: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    body: str = Field(max_length=10_000, pattern=r"^[^\x00]*$")


def mine(user: Account) -> Select[tuple[Note]]:
    """Return the question for the caller's notes."""
    return select(Note).join(Note.owner).where(Account.id == user.id)


def found(
    number: Annotated[int, Path(alias="id", gt=0, lt=2**31)], user: CurrentUser, db: Db
) -> Note:
    """Return the note of the address, if it is the caller's."""
    note = db.scalars(mine(user).where(Note.id == number)).one_or_none()
    if note is None:
        raise HTTPException(404)
    return note


Found = Annotated[Note, Depends(found)]


@router.get("")
def all_mine(user: CurrentUser, db: Db) -> list[SavedNote]:
    """Return the caller's notes."""
    return [SavedNote.model_validate(note) for note in db.scalars(mine(user))]


@router.post("", status_code=201, response_model=SavedNote)
def add(new: NoteIn, user: CurrentUser, db: Db) -> Note:
    """Store a note."""
    note = Note(**new.model_dump(), owner=user)
    db.add(note)
    db.commit()
    return note


@router.get("/{id}", response_model=SavedNote)
def one(note: Found) -> Note:
    """Return a note."""
    return note


@router.put("/{id}", response_model=SavedNote)
def replace(note: Found, new: NoteIn, db: Db) -> Any:
    """Change a note."""
    for name, value in new:
        setattr(note, name, value)  # the model forbids all other names
    db.commit()
    return note


@router.delete("/{id}", status_code=204)
def drop(note: Found, db: Db) -> None:
    """Delete a note."""
    owned(db, note)


def owned(db: Session, note: Note) -> None:
    """Delete a note that was found to be the caller's."""
    db.delete(note)
    db.commit()
