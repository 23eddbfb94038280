"""How a user leaves, or sends others away: what lesson 11 adds."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from sqlalchemy.orm import Session

from .database import Db
from .denylist import deny, forget_ended
from .models import Account
from .passwords import hash_password, verify_password
from .schemas import NewPassword
from .security import Claims, CurrentUser, Keeper
from .tokens import InvalidToken, verify_token

router = APIRouter()


def end_sessions(db: Session, account: Account) -> None:
    """Make every token that this user has so far worthless."""
    # TODO 4: count the version up; the tokens of before name the old one
    db.commit()


@router.post("/logout", status_code=204)
def logout(user: CurrentUser, claims: Claims, db: Db) -> None:
    """Take back the token of this request."""
    deny(db, claims)
    forget_ended(db)


@router.post("/logout-everywhere", status_code=204)
def logout_everywhere(user: CurrentUser, db: Db) -> None:
    """Take back every token that the caller has."""
    end_sessions(db, user)


@router.post("/revoke")
def revoke(db: Db, token: Annotated[str, Form()] = "") -> dict[str, str]:
    """Take back the token in the form; 200 also for a bad one (RFC 7009 §2.2)."""
    raise NotImplementedError("TODO 3: deny a good token, and say nothing about a bad one")


@router.put("/users/me/password", status_code=204)
def change_password(change: NewPassword, user: Keeper, db: Db) -> None:
    """Replace the caller's password; every token of before is worthless then."""
    # TODO 4: ask for the old password first, and end the sessions
    user.password_hash = hash_password(change.new_password)
    db.commit()
