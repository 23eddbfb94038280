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
    # >>> your turn 2: refuse a name that is taken with 409
    # before: return add_account(new.username, new.email, new.full_name, password_hash)
    try:
        return add_account(new.username, new.email, new.full_name, password_hash)
    except NameTaken as taken:
        raise HTTPException(409, "This user name is taken") from taken
    # <<<


@app.post("/login", response_model=User)
def login(credentials: Credentials) -> Account:
    """Let somebody in who knows the password."""
    account = authenticate(credentials.username, credentials.password)
    # >>> your turn 3: give one refusal, whatever was wrong
    # before: if find_by_name(credentials.username) is None:
    # before:     raise HTTPException(404, "No such user")
    # before: if account is None:
    # before:     raise HTTPException(401, "Wrong password")
    if account is None:
        # The same words for both: Mallory must not learn which names exist.
        raise HTTPException(
            401, "Wrong user name or password", headers={"WWW-Authenticate": "Bearer"}
        )
    # <<<
    return account
