"""An API where people register and log in with a password."""

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from .errors import refuse_input
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser, PublicProfile, User
from .store import Account, NameTaken, add_account, find_by_name

app = FastAPIOffline(title="Accounts", exception_handlers={RequestValidationError: refuse_input})


@app.get("/profile", response_model=PublicProfile)
def profile(username: str) -> Account:
    """Return the public profile of one person."""
    account = find_by_name(username)
    if account is None:
        raise HTTPException(404, "No such profile")
    return account


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser) -> Account:
    """Open an account for a newcomer."""
    password_hash = hash_password(new.password)
    # TODO 2: refuse a name that is taken with 409
    return add_account(new.username, new.email, new.full_name, password_hash)


@app.post("/login", response_model=User)
def login(credentials: Credentials) -> Account:
    """Let somebody in who knows the password."""
    account = authenticate(credentials.username, credentials.password)
    # TODO 3: give one refusal, whatever was wrong
    if find_by_name(credentials.username) is None:
        raise HTTPException(404, "No such user")
    if account is None:
        raise HTTPException(401, "Wrong password")
    return account
