"""A peer: fastapi-users with its JWT strategy and SQLAlchemy, as its documentation sets it up.

Written anew after https://fastapi-users.github.io/fastapi-users/latest/configuration/full-example/.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

KEY = os.environ["SECRET_KEY"]
engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATA_DIR']}/app.db")
new_session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """What all tables have in common."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """The library's own table of users."""


class Read(schemas.BaseUser[UUID]):
    """What goes out of a user."""


class Create(schemas.BaseUserCreate):
    """What comes in at registration."""


class Manager(UUIDIDMixin, BaseUserManager[User, UUID]):
    """The library's manager."""

    reset_password_token_secret = KEY
    verification_token_secret = KEY


async def get_session() -> AsyncIterator[AsyncSession]:
    """Give one request a session of its own."""
    async with new_session() as session:
        yield session


async def get_users(session: Annotated[AsyncSession, Depends(get_session)]) -> AsyncIterator[Any]:
    """Give the adapter to the table."""
    yield SQLAlchemyUserDatabase(session, User)


async def get_manager(users: Annotated[Any, Depends(get_users)]) -> AsyncIterator[Manager]:
    """Give the manager."""
    yield Manager(users)


def get_strategy() -> JWTStrategy[User, UUID]:
    """Give the strategy: a bare JWT, with no list of what was taken back."""
    return JWTStrategy(secret=KEY, lifetime_seconds=3600)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Create the tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


backend = AuthenticationBackend("jwt", BearerTransport("auth/jwt/login"), get_strategy)
library = FastAPIUsers[User, UUID](get_manager, [backend])
current_user = library.current_user(active=True)

app = FastAPI(lifespan=lifespan)
app.include_router(library.get_auth_router(backend), prefix="/auth/jwt")
app.include_router(library.get_register_router(Read, Create), prefix="/auth")


@app.get("/users/me", response_model=Read)
async def me(user: Annotated[User, Depends(current_user)]) -> User:
    """Return the caller."""
    return user
