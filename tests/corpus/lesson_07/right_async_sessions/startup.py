"""What happens before the first request: tables, old accounts, the admin (given)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from .database import create_tables, sessions
from .models import Account
from .passwords import hash_password
from .settings import ADMIN_PASSWORD, DATA_DIR
from .store import NameTaken, add_account, find_by_name


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Get the database ready, then serve."""
    await create_tables()
    async with sessions() as db:
        await take_over(db)
        await create_admin(db)
    yield


async def take_over(db: AsyncSession) -> None:
    """Bring the accounts of users.json, of lesson 6, into an empty table, with their ids."""
    users = DATA_DIR / "users.json"
    if not users.exists() or await db.scalar(select(Account).limit(1)):
        return
    stored = json.loads(users.read_text(encoding="utf-8"))
    db.add_all(Account(**fields) for fields in stored.values())
    with suppress(IntegrityError):  # another worker, started at the same moment, was faster
        await db.commit()
    await db.rollback()


async def create_admin(db: AsyncSession) -> None:
    """Create the admin olga if there is a password for her and no such account."""
    if ADMIN_PASSWORD and await find_by_name(db, "olga") is None:
        with suppress(NameTaken):
            await add_account(db, "olga", "olga@example.com", "Olga", hash_password(ADMIN_PASSWORD))
