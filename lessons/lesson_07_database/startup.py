"""What happens before the first request: tables, old accounts, the admin (given)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .database import SessionLocal, create_tables
from .models import Account
from .passwords import hash_password
from .settings import ADMIN_PASSWORD, DATA_DIR
from .store import NameTaken, add_account, find_by_name


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Get the database ready, then serve."""
    create_tables()
    with SessionLocal() as db:
        take_over(db)
        create_admin(db)
    yield


def take_over(db: Session) -> None:
    """Bring the accounts of users.json, of lesson 6, into an empty table, with their ids."""
    users = DATA_DIR / "users.json"
    if not users.exists() or db.scalar(select(Account).limit(1)):
        return
    stored = json.loads(users.read_text(encoding="utf-8"))
    db.add_all(Account(**fields) for fields in stored.values())
    with suppress(IntegrityError):  # another worker, started at the same moment, was faster
        db.commit()
    db.rollback()


def create_admin(db: Session) -> None:
    """Create the admin olga if there is a password for her and no such account."""
    if ADMIN_PASSWORD and find_by_name(db, "olga") is None:
        with suppress(NameTaken):
            add_account(db, "olga", "olga@example.com", "Olga", hash_password(ADMIN_PASSWORD))
