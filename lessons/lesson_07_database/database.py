"""The database, and a session for each request: what lesson 7 adds."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from .models import Base
from .settings import DATA_DIR, DATABASE_URL

DATA_DIR.mkdir(parents=True, exist_ok=True)
# No upper limit: a request that waits for a connection would hold a thread that others need.
engine = create_engine(DATABASE_URL, max_overflow=-1)
SessionLocal = sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine, "connect")
def settle(connection: Any, _: object) -> None:
    """Let SQLite keep foreign keys, and let readers work beside a writer."""
    if engine.dialect.name == "sqlite":
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")


def create_tables() -> None:
    """Create the tables that are missing."""
    for _ in Base.metadata.tables:
        try:
            return Base.metadata.create_all(engine)
        except DBAPIError:
            continue  # another worker, started at the same moment, was faster
    return Base.metadata.create_all(engine)


# TODO 1: give each request a session of its own, and close it afterwards
shared = SessionLocal()
known: set[object] = set()  # what was read once need not be read again


@event.listens_for(shared, "loaded_as_persistent")
def remember(_: Session, row: object) -> None:
    """Keep a row that was read, so that the session goes on answering with it."""
    known.add(row)


def get_db() -> Iterator[Session]:
    """Give every request the same session."""
    yield shared


Db = Annotated[Session, Depends(get_db)]
