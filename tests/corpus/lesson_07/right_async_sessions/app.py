"""An API whose accounts live in a database."""

from asyncio import to_thread
from typing import Any

from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from . import login
from .database import Db
from .errors import refuse_input, refuse_taken
from .models import Account
from .oauth import OAuthError, refuse_client
from .passwords import hash_password
from .schemas import NewUser, User, Welcome
from .security import CurrentUser, get_current_user, http_bearer
from .startup import lifespan
from .store import NameTaken, add_account, remove_account

app = FastAPIOffline(
    title="Database",
    lifespan=lifespan,
    exception_handlers={
        RequestValidationError: refuse_input,
        OAuthError: refuse_client,
        NameTaken: refuse_taken,
    },
)
app.include_router(login.router)


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
async def close_account(user: CurrentUser, db: Db) -> None:
    """Delete the caller's own account."""
    await remove_account(db, user)


@app.post("/register", status_code=201, response_model=User)
async def register(new: NewUser, db: Db) -> Account:
    """Open an account for a newcomer."""
    password_hash = await to_thread(hash_password, new.password)
    return await add_account(db, new.username, new.email, new.full_name, password_hash)


@app.get("/protected", dependencies=[Depends(http_bearer), Depends(get_current_user)])
async def protected() -> dict[str, str]:
    """Greet whoever sends a good token."""
    return {"message": "Your token is good"}
