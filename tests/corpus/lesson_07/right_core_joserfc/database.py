"""A database without sessions: SQLAlchemy Core, and a connection for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    MetaData,
    NullPool,
    String,
    Table,
    create_engine,
    false,
    func,
)

from .settings import DATA_DIR, DATABASE_URL

DATA_DIR.mkdir(parents=True, exist_ok=True)
engine = create_engine(DATABASE_URL, poolclass=NullPool)
metadata = MetaData()
users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(32), nullable=False),
    Column("email", String(254), nullable=False),
    Column("full_name", String(100), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)
Index("one_owner_a_name", func.lower(users.c.username), unique=True)


def connected() -> Iterator[Connection]:
    """Give one request a connection."""
    with engine.connect() as connection:
        yield connection


Db = Annotated[Connection, Depends(connected)]
