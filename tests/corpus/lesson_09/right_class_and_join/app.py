"""The service: routes of one's own, and the routers."""

from typing import Any

from fastapi import HTTPException
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
from .roles import LastAdmin
from .schemas import NewUser, User, UserChange, Welcome
from .security import CurrentUser
from .startup import lifespan
from .store import NameTaken, add_account, find_by_id, remove_account

app = FastAPIOffline(lifespan=lifespan)
app.add_exception_handler(RequestValidationError, refuse_input)  # type: ignore[arg-type]
app.add_exception_handler(OAuthError, refuse_client)  # type: ignore[arg-type]
app.add_exception_handler(NameTaken, refuse_taken)
app.add_exception_handler(LastAdmin, refuse_last_admin)
app.add_exception_handler(IntegrityError, refuse_conflict)
app.add_exception_handler(StaleDataError, refuse_conflict)
for part in (admin, login, notes):
    app.include_router(part.router)


@app.get("/profile")
def profile(user: CurrentUser) -> Welcome:
    """Welcome the caller."""
    told: dict[str, Any] = User.model_validate(user).model_dump()
    return Welcome(message=f"Welcome {user.username}", **told)


@app.get("/users/me", response_model=User)
def me(user: CurrentUser) -> Account:
    """Return the caller."""
    return user


@app.delete("/users/me", status_code=204)
def leave(user: CurrentUser, db: Db) -> None:
    """Close the account."""
    remove_account(db, user)


@app.put("/users/{user_id}", response_model=User)
def change(user_id: str, wanted: UserChange, user: CurrentUser, db: Db) -> Account:
    """Change an account."""
    account = user if user_id == user.id else None
    if account is None and "admin" in user.roles:
        account = find_by_id(db, user_id)
    if account is None:
        raise HTTPException(404)
    account.email, account.full_name = wanted.email, wanted.full_name
    db.commit()
    return account


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser, db: Db) -> Account:
    """Open an account."""
    hashed = hash_password(new.password)
    return add_account(db, new.username, new.email, new.full_name, hashed)


@app.get("/protected")
def protected(_: CurrentUser) -> dict[str, bool]:
    """Say yes."""
    return {"good": True}
