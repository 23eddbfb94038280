"""How a user leaves, or sends others away: what lesson 11 adds, and lesson 12 extends."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException

from .database import Db
from .denylist import deny, forget_ended
from .passwords import hash_password, verify_password
from .refresh import end_all, end_family, end_family_of, forget_ended_families
from .schemas import NewPassword
from .security import Claims, CurrentUser, Keeper
from .tokens import InvalidToken, verify_token

router = APIRouter()


@router.post("/logout", status_code=204)
def logout(user: CurrentUser, claims: Claims, db: Db) -> None:
    """End the login that the token of this request came from."""
    deny(db, claims)
    # TODO 4: the refresh tokens of this login end with it
    # (Mallory's copy of the refresh token would go on)
    forget_ended(db)
    forget_ended_families(db)


@router.post("/logout-everywhere", status_code=204)
def logout_everywhere(user: CurrentUser, db: Db) -> None:
    """Take back every token that the caller has."""
    end_all(db, user)
    db.commit()


@router.post("/revoke")
def revoke(db: Db, token: Annotated[str, Form()] = "") -> dict[str, str]:
    """Take back the token in the form; 200 also for a bad one (RFC 7009 §2.2)."""
    # Verified first: a forged token must not put another one's name on the list.
    with suppress(InvalidToken):
        deny(db, verify_token(token))
    # TODO 4: it may be a refresh token
    return {}


@router.put("/users/me/password", status_code=204)
def change_password(change: NewPassword, user: Keeper, db: Db) -> None:
    """Replace the caller's password; every token of before is worthless then."""
    # Mallory at Alice's open laptop has her token, but not her password.
    if not verify_password(change.current_password, user.password_hash):
        raise HTTPException(403, "Wrong password")
    user.password_hash = hash_password(change.new_password)
    end_all(db, user)
    db.commit()
