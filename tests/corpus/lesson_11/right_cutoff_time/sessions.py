"""How a user leaves, or sends others away: what lesson 11 adds."""

import time
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
    account.logged_out_at = time.time_ns()
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
def revoke(db: Db, token: Annotated[str, Form()]) -> None:
    """Take back the token in the form; 200 also for a bad one (RFC 7009 §2.2)."""
    # Verified first: a forged token must not put another one's name on the list.
    with suppress(InvalidToken):
        deny(db, verify_token(token))


@router.put("/users/me/password", status_code=204)
def change_password(change: NewPassword, user: Keeper, db: Db) -> None:
    """Replace the caller's password; every token of before is worthless then."""
    # Mallory at Alice's open laptop has her token, but not her password.
    if not verify_password(change.current_password, user.password_hash):
        raise HTTPException(400, "That is not your password")
    user.password_hash = hash_password(change.new_password)
    end_sessions(db, user)
