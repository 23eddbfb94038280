"""Accounts that are changed by one UPDATE, and extra fields refused."""

from typing import Any

from fastapi import Depends, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from . import login, notes
from .database import Db
from .errors import refuse_conflict, refuse_input, refuse_taken
from .models import Account
from .oauth import OAuthError, refuse_client
from .passwords import hash_password
from .schemas import Email, FullName, NewUser, User, Welcome
from .security import CurrentUser, get_current_user, http_bearer
from .startup import lifespan
from .store import NameTaken, add_account, remove_account

app = FastAPIOffline(
    title="Ownership",
    lifespan=lifespan,
    exception_handlers={
        RequestValidationError: refuse_input,
        OAuthError: refuse_client,
        NameTaken: refuse_taken,
        IntegrityError: refuse_conflict,
        StaleDataError: refuse_conflict,
    },
)
app.include_router(login.router)
app.include_router(notes.router)


class UserChange(BaseModel, extra="forbid"):
    """Two fields, and a 422 for a third."""

    full_name: FullName
    email: Email


@app.get("/profile", response_model=Welcome)
def profile(user: CurrentUser) -> dict[str, Any]:
    """Welcome the caller."""
    return {"message": f"Welcome {user.username}", **User.model_validate(user).model_dump()}


# The row holds the password hash; what is not on the model stays here.
@app.get("/users/me", response_model=User)
def me(user: CurrentUser) -> Account:
    """Return the caller's own account."""
    return user


@app.delete("/users/me", status_code=204)
def close_account(user: CurrentUser, db: Db) -> None:
    """Delete the caller's own account."""
    remove_account(db, user)


@app.put("/users/{user_id}", response_model=User)
def change_account(user_id: str, change: UserChange, user: CurrentUser, db: Db) -> Account:
    """Replace the caller's own name and e-mail address."""
    if str(user.id) == user_id:
        found = db.execute(
            update(Account)
            .where(Account.id == user.id)
            .values(email=change.email, full_name=change.full_name)
        )
        if found.rowcount:
            db.commit()
            db.refresh(user)
            return user
    raise HTTPException(404, f"No user {user_id}")


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser, db: Db) -> Account:
    """Open an account for a newcomer."""
    password_hash = hash_password(new.password)
    return add_account(db, new.username, new.email, new.full_name, password_hash)


@app.get("/protected", dependencies=[Depends(http_bearer), Depends(get_current_user)])
def protected() -> dict[str, str]:
    """Greet whoever sends a good token."""
    return {"message": "Your token is good"}
