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
    # >>> your turn 4: count the version up; the tokens of before name the old one
    # before: db.commit()
    # The database counts: two workers at one moment must not write the same number.
    account.session_version = Account.session_version + 1
    db.commit()
    # <<<


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
    # >>> your turn 3: deny a good token, and say nothing about a bad one
    # Verified first: a forged token must not put another one's name on the list.
    with suppress(InvalidToken):
        deny(db, verify_token(token))
    return {}
    # <<<


@router.put("/users/me/password", status_code=204)
def change_password(change: NewPassword, user: Keeper, db: Db) -> None:
    """Replace the caller's password; every token of before is worthless then."""
    # >>> your turn 4: ask for the old password first, and end the sessions
    # before: user.password_hash = hash_password(change.new_password)
    # before: db.commit()
    # Mallory at Alice's open laptop has her token, but not her password.
    if not verify_password(change.current_password, user.password_hash):
        raise HTTPException(403, "Wrong password")
    user.password_hash = hash_password(change.new_password)
    end_sessions(db, user)
    # <<<
