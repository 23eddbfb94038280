"""Accounts in a table, without an object-relational mapper."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import delete, insert, select

from .database import Db, engine, metadata, users
from .errors import refuse_input
from .oauth import OAuthError, PasswordForm, each_field_once, refuse_client
from .passwords import authenticate, hash_password
from .schemas import Credentials, NewUser
from .settings import ACCESS_TOKEN_SECONDS, ADMIN_PASSWORD, DATA_DIR
from .store import Account, NameTaken, add_account, find_by_id
from .tokens import InvalidToken, create_access_token, verify_token

SHOWN = ("id", "username", "email", "full_name")


@asynccontextmanager
async def start(app: FastAPI) -> AsyncIterator[None]:
    """Make tables, and those accounts that have to be there."""
    metadata.create_all(engine)
    old = DATA_DIR / "users.json"
    with engine.begin() as db:
        if not db.execute(select(users)).first() and old.exists():
            db.execute(insert(users), list(json.loads(old.read_text("utf-8")).values()))
    if ADMIN_PASSWORD:
        try:
            with engine.connect() as db:
                hashed = hash_password(ADMIN_PASSWORD)
                fields = {"username": "olga", "email": "olga@example.com", "full_name": "Olga"}
                add_account(db, **fields, password_hash=hashed)
        except NameTaken:
            pass
    yield


app = FastAPI(lifespan=start)
app.add_exception_handler(RequestValidationError, refuse_input)
app.add_exception_handler(OAuthError, refuse_client)


def shown(row: Account) -> dict[str, str]:
    """Return what a user may know."""
    return {name: row._mapping[name] for name in SHOWN}


def active(db: Db, token: str) -> tuple[Account, dict[str, Any]]:
    """Return whose token this is. Raises InvalidToken."""
    claims = verify_token(token)
    row = find_by_id(db, claims["sub"])
    if row is None or row.disabled:
        raise InvalidToken
    return row, claims


def caller(db: Db, token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]) -> Account:
    """Return who is calling."""
    if not token:
        raise HTTPException(401, "Who are you?", {"WWW-Authenticate": "Bearer"})
    try:
        return active(db, token)[0]
    except InvalidToken:
        challenge = {"WWW-Authenticate": "Bearer error=invalid_token"}
        raise HTTPException(401, "Who are you now?", challenge) from None


Me = Annotated[Any, Depends(caller)]


@app.get("/profile")
def profile(user: Me) -> dict[str, str]:
    """Welcome the caller."""
    return {"message": f"welcome back {user.username}", **shown(user)}


@app.get("/users/me")
def me(user: Me) -> dict[str, str]:
    """Return the caller."""
    return shown(user)


@app.delete("/users/me", status_code=204)
def leave(user: Me, db: Db) -> None:
    """Delete the caller."""
    db.execute(delete(users).where(users.c.id == user.id))
    db.commit()


@app.get("/protected")
def protected(user: Me) -> dict[str, str]:
    """Greet the caller."""
    return {"hello": user.full_name}


@app.post("/introspect", dependencies=[Depends(caller)])
def introspect(db: Db, token: Annotated[str, Form()] = "") -> dict[str, Any]:
    """Tell what a token is worth."""
    try:
        return {"active": True} | active(db, token)[1]
    except InvalidToken:
        return {"active": False}


@app.post("/register", status_code=201)
def register(new: NewUser, db: Db) -> dict[str, str]:
    """Open an account."""
    fields = new.model_dump(exclude={"password"})
    try:
        return shown(add_account(db, **fields, password_hash=hash_password(new.password)))
    except NameTaken:
        raise HTTPException(409, "Please choose another name") from None


def token_answer(account: Account, response: Response) -> dict[str, Any]:
    """Return a token."""
    response.headers["Cache-Control"] = "no-store"
    token = create_access_token(account.id)
    return {"access_token": token, "token_type": "bearer", "expires_in": ACCESS_TOKEN_SECONDS}


@app.post("/login")
def login(who: Credentials, db: Db, response: Response) -> dict[str, Any]:
    """Give a token for JSON."""
    if account := authenticate(db, who.username, who.password):
        return token_answer(account, response)
    raise HTTPException(401, "No", {"WWW-Authenticate": "Bearer"})


@app.post("/token", dependencies=[Depends(each_field_once)])
def token(form: PasswordForm, db: Db, response: Response) -> dict[str, Any]:
    """Give a token for a form."""
    if account := authenticate(db, form.username, form.password):
        return token_answer(account, response)
    raise OAuthError("invalid_grant")
