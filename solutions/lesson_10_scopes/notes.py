"""Private notes, each for its owner alone: what lesson 8 adds."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Security
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from .database import Db
from .models import Account, Note
from .schemas import NewNote, SavedNote
from .scopes import NOTES_READ, NOTES_WRITE
from .security import get_current_user

router = APIRouter(prefix="/notes")

# >>> your turn 3: who writes needs another scope than who reads
# before: Reader = Annotated[Account, Security(get_current_user, scopes=[NOTES_READ])]
# before: Writer = Reader
Reader = Annotated[Account, Security(get_current_user, scopes=[NOTES_READ])]
Writer = Annotated[Account, Security(get_current_user, scopes=[NOTES_WRITE])]
# <<<

# PostgreSQL counts to here; a larger number would be a 500 there.
NoteId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def own_note(db: Session, user: Account, note_id: int) -> Note:
    """Return this user's note of that id, or refuse with 404."""
    # Mallory counts ids: another's note gets the very answer that no note gets.
    note = db.scalar(select(Note).where(Note.id == note_id, Note.owner_id == user.id))
    if note is None:
        raise HTTPException(404, "There is no such note")
    return note


@router.get("", response_model=list[SavedNote])
def list_notes(user: Reader, db: Db) -> Sequence[Note]:
    """Return the caller's notes."""
    return db.scalars(select(Note).where(Note.owner_id == user.id).order_by(Note.id)).all()


@router.post("", status_code=201, response_model=SavedNote)
def write_note(new: NewNote, user: Writer, db: Db) -> Note:
    """Store a note of the caller's."""
    note = Note(owner_id=user.id, title=new.title, body=new.body)
    db.add(note)
    db.commit()
    return note


@router.get("/{note_id}", response_model=SavedNote)
def read_note(note_id: NoteId, user: Reader, db: Db) -> Note:
    """Return one note of the caller's."""
    return own_note(db, user, note_id)


@router.put("/{note_id}", response_model=SavedNote)
def change_note(note_id: NoteId, new: NewNote, user: Writer, db: Db) -> Note:
    """Replace title and text of a note of the caller's."""
    note = own_note(db, user, note_id)
    note.title, note.body = new.title, new.body
    db.commit()
    return note


@router.delete("/{note_id}", status_code=204)
def delete_note(note_id: NoteId, user: Writer, db: Db) -> None:
    """Delete a note of the caller's."""
    note = own_note(db, user, note_id)
    db.execute(delete(Note).where(Note.id == note.id))
    db.commit()
