"""An API that knows who is calling."""

from typing import Annotated, Any

from fastapi import Depends, Form, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from .errors import refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, no_store, refuse_client
from .passwords import authenticate, hash_password
from .schemas import Credentials, Introspection, NewUser, Token, User, Welcome
from .security import Current, Gate, account_of
from .settings import ACCESS_TOKEN_SECONDS
from .store import Account, NameTaken, add_account
from .tokens import create_access_token, verify_token

app = FastAPIOffline(
    title="Current user",
    exception_handlers={RequestValidationError: refuse_input, OAuthError: refuse_client},
)
app.add_middleware(Gate)


@app.get("/profile", response_model=Welcome)
def profile(account: Current) -> dict[str, Any]:
    """Welcome the caller."""
    return {"message": f"Welcome {account.username}!"} | account.model_dump()


@app.get("/users/me", response_model=User)
def me(account: Current) -> Account:
    """Return the caller's own account."""
    return account


@app.post("/register", status_code=201, response_model=User)
def register(new: NewUser) -> Account:
    """Open an account for a newcomer."""
    password_hash = hash_password(new.password)
    try:
        return add_account(new.username, new.email, new.full_name, password_hash)
    except NameTaken as taken:
        raise HTTPException(409, "This user name is taken") from taken


@app.post("/login", dependencies=[Depends(no_store)])
def login(credentials: Credentials) -> Token:
    """Give a token to somebody who knows the password."""
    account = authenticate(credentials.username, credentials.password)
    if account is None:
        # The same words for both: Mallory must not learn which names exist.
        raise HTTPException(
            401, "Wrong user name or password", headers={"WWW-Authenticate": "Bearer"}
        )
    return token_answer(account)


@app.post("/token", dependencies=[Depends(each_field_once), Depends(no_store)])
def token(form: PasswordForm) -> Token:
    """Give a token to an OAuth2 client (RFC 6749 §4.3)."""
    account = authenticate(form.username, form.password)
    if account is None:
        raise OAuthError("invalid_grant")
    return token_answer(account)


def token_answer(account: Account) -> Token:
    """Return a fresh token and how long it lives."""
    return Token(access_token=create_access_token(account.id), expires_in=ACCESS_TOKEN_SECONDS)


@app.post("/introspect", response_model_exclude_none=True)
def introspect(token: Annotated[str, Form()] = "") -> Introspection:
    """Tell whether a token is good, and nothing more of a bad one (RFC 7662)."""
    if not account_of(token):
        return Introspection(active=False)
    claims = verify_token(token)
    return Introspection(active=True, sub=claims["sub"], exp=claims["exp"])


@app.get("/protected")
def protected(account: Current) -> dict[str, str]:
    """Greet whoever the gate let in."""
    return {"message": f"The gate knows you, {account.full_name}"}
