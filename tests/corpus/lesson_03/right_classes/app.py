"""The API, with one service for tokens and views of its own."""

from typing import Annotated

from fastapi import Body, FastAPI, Form, HTTPException, Request
from fastapi.exceptions import RequestValidationError

from .errors import refuse_input
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser, PublicProfile, User
from .settings import ACCESS_TOKEN_SECONDS
from .store import NameTaken, add_account, find_by_name
from .tokens import InvalidToken, service

app = FastAPI(title="Tokens")
app.exception_handler(RequestValidationError)(refuse_input)


@app.exception_handler(InvalidToken)
async def inactive(request: Request, error: InvalidToken):
    """Answer every bad token in the same way."""
    from fastapi.responses import JSONResponse

    return JSONResponse({"active": False})


@app.get("/profile")
def profile(username: str) -> PublicProfile:
    """Show a profile."""
    if (account := find_by_name(username)) is None:
        raise HTTPException(404)
    return PublicProfile.model_validate(account, from_attributes=True)


@app.post("/register", status_code=201)
def register(new: NewUser) -> User:
    """Register somebody."""
    try:
        account = add_account(new.username, new.email, new.full_name, hash_password(new.password))
    except NameTaken:
        raise HTTPException(409, "taken") from None
    return User.model_validate(account, from_attributes=True)


@app.post("/login")
def login(credentials: Annotated[Credentials, Body()]):
    """Log somebody in."""
    account = authenticate(credentials.username, credentials.password)
    if account is None:
        raise HTTPException(401, "wrong", {"WWW-Authenticate": "Bearer"})
    return {
        "access_token": service.create(account.id),
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }


@app.post("/introspect")
def introspect(token: Annotated[str | None, Form()] = None):
    """Introspect a token."""
    claims = service.verify(token or "")
    return {"active": True, "sub": claims["sub"], "exp": claims["exp"], "jti": claims.get("jti")}
