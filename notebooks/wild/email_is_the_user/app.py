"""The token names an e-mail address, and the row of the table goes out whole."""

import os
from time import time
from typing import Annotated

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import jwt
from passlib.hash import bcrypt
from sqlalchemy import StaticPool, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app, KEY = FastAPI(), os.environ["SECRET_KEY"]
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
Base = type("Base", (DeclarativeBase,), {})


class User(Base):
    """A user, for the table and for the answer alike."""

    __tablename__ = "users"
    username: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]


Base.metadata.create_all(engine)
with Session(engine) as first:
    for name, password in (("alice", "violin-in-winter"), ("mallory", "i-read-your-mail")):
        password_hash = bcrypt.using(rounds=5).hash(password)
        first.add(User(username=name, email=f"{name}@example.com", password_hash=password_hash))
    first.commit()


def get_db():
    """Give one request a session."""
    with Session(engine) as db:
        yield db


Db = Annotated[Session, Depends(get_db)]


@app.post("/login")
def login(username: Annotated[str, Body()], password: Annotated[str, Body()], db: Db):
    """Give a token in which the address stands for the user."""
    user = db.get(User, username)
    if not user or not bcrypt.verify(password, user.password_hash):
        raise HTTPException(401, "Wrong user name or password")
    return {"access_token": jwt.encode({"sub": user.email, "exp": int(time()) + 900}, KEY)}


def caller(token: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())], db: Db):
    """Return whoever has the address in the token now."""
    email = jwt.decode(token.credentials, KEY, algorithms=["HS256"])["sub"]
    return db.scalars(select(User).where(User.email == email)).one()


@app.get("/users/me/")
def me(user: Annotated[User, Depends(caller)]):
    """Return the row, whole."""
    return user


@app.put("/users/me/")
def move(email: Annotated[str, Body(embed=True)], user: Annotated[User, Depends(caller)], db: Db):
    """Change one's address, and with it whom old tokens stand for."""
    user.email = email
    db.commit()
