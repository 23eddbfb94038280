"""Private notes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select

from .database import Db
from .models import Account, Note
from .schemas import NewNote, SavedNote
from .security import Needs

router = APIRouter()
Seer = Annotated[Account, Depends(Needs("notes:read"))]
Maker = Annotated[Account, Depends(Needs("notes:write"))]


def mine(note_id: str, account: Account, db: Db) -> Note:
    """Return a note of this account, or refuse."""
    number = int(note_id) if note_id.isascii() and note_id.isdigit() else 0
    note = db.get(Note, number) if 0 < number < 2**31 else None
    if note is None or note.owner_id != account.id:
        raise HTTPException(404, "No such note")
    return note


@router.get("/notes", response_model=list[SavedNote])
def all_of_mine(account: Seer, db: Db) -> Sequence[Note]:
    """List."""
    return db.scalars(select(Note).where(Note.owner_id == account.id)).all()


@router.post("/notes", status_code=201, response_model=SavedNote)
def make(new: NewNote, account: Maker, db: Db) -> Note:
    """Create."""
    db.add(note := Note(owner_id=account.id, **new.model_dump()))
    db.commit()
    return note


@router.get("/notes/{note_id}", response_model=SavedNote)
def see(note_id: str, account: Seer, db: Db) -> Note:
    """Read."""
    return mine(note_id, account, db)


@router.put("/notes/{note_id}", response_model=SavedNote)
def edit(note_id: str, new: NewNote, account: Maker, db: Db) -> Note:
    """Update."""
    note = mine(note_id, account, db)
    note.title, note.body = new.title, new.body
    db.commit()
    return note


@router.delete("/notes/{note_id}", status_code=204)
def drop(note_id: str, account: Maker, db: Db) -> None:
    """Delete."""
    db.delete(mine(note_id, account, db))
    db.commit()
