"""An API whose tokens are good for what was asked for, and no more."""

from typing import Annotated, Any

from fastapi import Depends, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from . import admin, login, notes
from .database import Db
from .errors import refuse_conflict, refuse_input, refuse_last_admin, refuse_taken
from .models import Account
from .oauth import OAuthError, refuse_client
from .passwords import hash_password
from .roles import ADMIN, LastAdmin
from .schemas import NewUser, User, UserChange, Welcome
from .security import CurrentUser, Needs, Visit, http_bearer, visit
from .startup import lifespan
from .store import NameTaken, add_account, find_by_id, remove_account

app = FastAPIOffline(
    title="Scopes",
    lifespan=lifespan,
    exception_handlers={
        RequestValidationError: refuse_input,
        OAuthError: refuse_client,
        NameTaken: refuse_taken,
        LastAdmin: refuse_last_admin,
        IntegrityError: refuse_conflict,
        StaleDataError: refuse_conflict,
    },
)
app.include_router(login.router)
app.include_router(notes.router)
app.include_router(admin.router)


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
def close_account(user: Annotated[Account, Depends(Needs("account:write"))], db: Db) -> None:
    """Delete the caller's own account."""
    remove_account(db, user)


@app.put("/users/{user_id}", response_model=User, dependencies=[Depends(Needs("account:write"))])
def change_account(
    user_id: str, change: UserChange, by: Annotated[Visit, Depends(visit)], db: Db
) -> Account:
    """Replace a name and an e-mail address."""
    account: Account | None = by.account
    if by.account.id != user_id:
        if ADMIN not in by.account.roles:
            raise HTTPException(404, "Nobody")
        Needs("users:admin")(by)  # says 403 to an admin's token that is for less
        account = find_by_id(db, user_id)
    if account is None:
        raise HTTPException(404, "Nobody")
    account.email, account.full_name = change.email, change.full_name
    db.commit()
    return account


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser, db: Db) -> Account:
    """Open an account for a newcomer."""
    password_hash = hash_password(new.password)
    return add_account(db, new.username, new.email, new.full_name, password_hash)


@app.get("/protected", dependencies=[Depends(http_bearer), Depends(Needs())])
def protected() -> dict[str, str]:
    """Greet whoever sends a good token."""
    return {"message": "Your token is good"}
