"""The accounts, kept in the table `users`: what lesson 7 changes."""

from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Account


class NameTaken(Exception):
    """Somebody has this user name already, perhaps with other capitals."""


def storable(text: str) -> bool:
    """Tell whether a database can hold this text; one that it cannot hold is nobody's name."""
    # A NUL stops PostgreSQL, half of a surrogate pair stops every driver: a 500 for the asking.
    return text.isprintable()


async def find_by_name(db: AsyncSession, username: str) -> Account | None:
    """Return the account with this user name, capitals or not."""
    if not storable(username):
        return None
    # The name travels beside the question: a quote in it ends nothing.
    return await db.scalar(select(Account).where(func.lower(Account.username) == username.lower()))


async def find_by_id(db: AsyncSession, user_id: str) -> Account | None:
    """Return the account with exactly this id."""
    return await db.get(Account, user_id) if storable(user_id) else None


async def add_account(
    db: AsyncSession, username: str, email: str, full_name: str, password_hash: str
) -> Account:
    """Store a new account under an id that is never used again, or raise NameTaken."""
    user_id = uuid4().hex  # counted, the next newcomer would inherit Mallory's id and her token
    account = Account(
        id=user_id, username=username, email=email, full_name=full_name, password_hash=password_hash
    )
    db.add(account)
    # No look beforehand: of two registrations at one moment, both would find the name free.
    try:
        await db.commit()
    except IntegrityError as refusal:
        await db.rollback()
        raise NameTaken(username) from refusal
    return account


async def remove_account(db: AsyncSession, account: Account) -> None:
    """Delete an account for good; its name is free again, its id is not."""
    await db.execute(delete(Account).where(Account.id == account.id))
    await db.commit()
