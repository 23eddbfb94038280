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


# >>> your turn 1: give each request a session of its own, and close it afterwards
# before: shared = SessionLocal()
# before: known: set[object] = set()  # what was read once need not be read again
# before:
# before:
# before: @event.listens_for(shared, "loaded_as_persistent")
# before: def remember(_: Session, row: object) -> None:
# before:     """Keep a row that was read, so that the session goes on answering with it."""
# before:     known.add(row)
# before:
# before:
# before: def get_db() -> Iterator[Session]:
# before:     """Give every request the same session."""
# before:     yield shared
def get_db() -> Iterator[Session]:
    """Give one request a session of its own."""
    # A shared session remembers what it once read: Mallory, disabled since, would stay welcome.
    with SessionLocal() as db:
        yield db


# <<<


Db = Annotated[Session, Depends(get_db)]
