"""An API that knows who is calling."""

from typing import Annotated, Any

from fastapi import Depends, Form, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from .errors import refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, no_store, refuse_client
from .passwords import authenticate, hash_password
from .schemas import Credentials, Introspection, NewUser, Token, User, Welcome
from .security import CurrentUser, find_active, get_current_user, http_bearer
from .settings import ACCESS_TOKEN_SECONDS
from .store import Account, NameTaken, add_account
from .tokens import InvalidToken, create_access_token, verify_token

app = FastAPIOffline(
    title="Current user",
    exception_handlers={RequestValidationError: refuse_input, OAuthError: refuse_client},
)


# TODO 4: send a `Welcome`, not all that is stored
@app.get("/profile")
def profile(user: CurrentUser) -> dict[str, Any]:
    """Welcome the caller."""
    return {"message": f"Welcome {user.username}", **user.model_dump()}


@app.get("/users/me", response_model=User)
def me(user: CurrentUser) -> Account:
    """Return the caller's own account."""
    raise NotImplementedError("TODO 4: return the caller")


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


# TODO 4: let only a known caller ask about tokens
@app.post("/introspect", response_model_exclude_none=True)
def introspect(token: Annotated[str, Form()] = "") -> Introspection:
    """Tell whether a token is good, and nothing more of a bad one (RFC 7662)."""
    try:
        claims = verify_token(token)
    except InvalidToken:
        # No reason given: it would tell a forger what to mend.
        return Introspection(active=False)
    if find_active(claims["sub"]) is None:
        return Introspection(active=False)
    return Introspection(active=True, sub=claims["sub"], exp=claims["exp"])


# TODO 4: look at the token that this route asks for
@app.get("/protected", dependencies=[Depends(http_bearer)])
def protected() -> dict[str, str]:
    """Greet whoever sends a good token."""
    return {"message": "Your token is good"}
