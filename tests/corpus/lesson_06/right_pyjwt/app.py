"""Profiles for those who sign in."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Response
from fastapi.exceptions import RequestValidationError

from .errors import refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, refuse_client
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser, User
from .security import guard, holder, http_bearer
from .settings import ACCESS_TOKEN_SECONDS
from .store import Account, NameTaken, add_account
from .tokens import issue, read

app = FastAPI(title="Profiles")
app.add_exception_handler(RequestValidationError, refuse_input)
app.add_exception_handler(OAuthError, refuse_client)
Me = Annotated[Account, Depends(guard)]


def answer_for(account: Account, response: Response) -> dict[str, Any]:
    """Return a token answer."""
    response.headers["Cache-Control"] = "no-store, private"
    return {
        "access_token": issue(account.id),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }


@app.get("/profile")
async def profile(me: Me) -> dict[str, str]:
    """Greet the caller."""
    greeting = {"message": f"Welcome {me.username}"}
    return greeting | User.model_validate(me.model_dump()).model_dump()


@app.get("/users/me")
async def who_am_i(me: Me) -> User:
    """Return the caller."""
    return User.model_validate(me.model_dump())


@app.get("/protected")
async def protected(me: Me, _: Annotated[object, Depends(http_bearer)]) -> dict[str, object]:
    """Tell whoever is signed in that they are."""
    return {"ok": True, "you": me.username}


@app.post("/register", status_code=201)
def register(new: NewUser) -> User:
    """Open an account."""
    try:
        account = add_account(new.username, new.email, new.full_name, hash_password(new.password))
    except NameTaken:
        raise HTTPException(409, "taken") from None
    return User.model_validate(account.model_dump())


@app.post("/login")
def login(who: Credentials, response: Response) -> dict[str, Any]:
    """Give a token for name and password."""
    if account := authenticate(who.username, who.password):
        return answer_for(account, response)
    raise HTTPException(401, "That did not match.", {"WWW-Authenticate": REALM_OF_LOGIN})


REALM_OF_LOGIN = 'Bearer realm="profiles"'


@app.post("/token", dependencies=[Depends(each_field_once)])
def token(form: PasswordForm, response: Response) -> dict[str, Any]:
    """Give a token to an OAuth2 client."""
    if account := authenticate(form.username, form.password):
        return answer_for(account, response)
    raise OAuthError("invalid_grant")


@app.post("/introspect")
async def introspect(_: Me, token: Annotated[str, Form()] = "") -> dict[str, Any]:
    """Tell what a token is worth."""
    account = holder(token)
    if not account:
        return {"active": False}
    subject, end = read(token)
    return {"active": True, "sub": subject, "exp": end, "username": account.username}
