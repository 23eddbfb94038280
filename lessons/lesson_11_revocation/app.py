"""An API that can take a token back."""

from typing import Any

from fastapi import Depends, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from . import admin, login, notes, sessions
from .database import Db
from .errors import (
    StoreDown,
    refuse_conflict,
    refuse_for_now,
    refuse_input,
    refuse_last_admin,
    refuse_taken,
)
from .models import Account
from .oauth import OAuthError, refuse_client
from .passwords import hash_password
from .roles import ADMIN, LastAdmin
from .schemas import NewUser, User, UserChange, Welcome
from .scopes import USERS_ADMIN, scopes_of
from .security import Claims, CurrentUser, Keeper, get_current_user, http_bearer
from .startup import lifespan
from .store import NameTaken, add_account, find_by_id, remove_account

app = FastAPIOffline(
    title="Revocation",
    lifespan=lifespan,
    exception_handlers={
        RequestValidationError: refuse_input,
        OAuthError: refuse_client,
        NameTaken: refuse_taken,
        LastAdmin: refuse_last_admin,
        IntegrityError: refuse_conflict,
        StaleDataError: refuse_conflict,
        SQLAlchemyError: refuse_for_now,
        StoreDown: refuse_for_now,
    },
)
app.include_router(login.router)
app.include_router(notes.router)
app.include_router(admin.router)
app.include_router(sessions.router)


# `async`, as what it needs is here already: see `bearer_token`.
@app.get("/profile", response_model=Welcome)
async def profile(user: CurrentUser) -> dict[str, Any]:
    """Welcome the caller."""
    return {"message": f"Welcome {user.username}", **User.model_validate(user).model_dump()}


# The row holds the password hash; what is not on the model stays here.
@app.get("/users/me", response_model=User)
async def me(user: CurrentUser) -> Account:
    """Return the caller's own account."""
    return user


@app.delete("/users/me", status_code=204)
def close_account(user: Keeper, db: Db) -> None:
    """Delete the caller's own account."""
    remove_account(db, user)


@app.put("/users/{user_id}", response_model=User)
def change_account(
    user_id: str, change: UserChange, user: Keeper, claims: Claims, db: Db
) -> Account:
    """Replace the caller's own name and e-mail address; an admin may replace anybody's."""
    # The token says who is calling; for all but an admin the id in the address has to agree.
    rules = ADMIN in user.roles and USERS_ADMIN in scopes_of(claims)
    account = find_by_id(db, user_id) if user.id == user_id or rules else None
    if account is None:
        raise HTTPException(404, "There is no such user")
    account.email, account.full_name = change.email, change.full_name
    db.commit()
    return account


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser, db: Db) -> Account:
    """Open an account for a newcomer."""
    password_hash = hash_password(new.password)
    return add_account(db, new.username, new.email, new.full_name, password_hash)


@app.get("/protected", dependencies=[Depends(http_bearer), Depends(get_current_user)])
async def protected() -> dict[str, str]:
    """Greet whoever sends a good token."""
    return {"message": "Your token is good"}
