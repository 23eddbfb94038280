"""The accounts, kept in the table `users`: what lesson 7 changes."""

from uuid import uuid4

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from .models import Account
from .roles import keeping_an_admin

# Put together once, as every request asks it; the roles come along, as most requests want them.
BY_ID = select(Account).where(Account.id == bindparam("id")).options(joinedload(Account.role_rows))


class NameTaken(Exception):
    """Somebody has this user name already, perhaps with other capitals."""


def storable(text: str) -> bool:
    """Tell whether a database can hold this text; one that it cannot hold is nobody's name."""
    # A NUL stops PostgreSQL, half of a surrogate pair stops every driver: a 500 for the asking.
    return text.isprintable()


def find_by_name(db: Session, username: str) -> Account | None:
    """Return the account with this user name, capitals or not."""
    if not storable(username):
        return None
    # The name travels beside the question: a quote in it ends nothing.
    return db.scalar(select(Account).where(func.lower(Account.username) == username.lower()))


def find_by_id(db: Session, user_id: str) -> Account | None:
    """Return the account with exactly this id."""
    return db.scalars(BY_ID, {"id": user_id}).unique().one_or_none() if storable(user_id) else None


def add_account(
    db: Session, username: str, email: str, full_name: str, password_hash: str
) -> Account:
    """Store a new account under an id that is never used again, or raise NameTaken."""
    user_id = uuid4().hex  # counted, the next newcomer would inherit Mallory's id and her token
    account = Account(
        id=user_id, username=username, email=email, full_name=full_name, password_hash=password_hash
    )
    db.add(account)
    # No look beforehand: of two registrations at one moment, both would find the name free.
    try:
        db.commit()
    except IntegrityError as refusal:
        db.rollback()
        raise NameTaken(username) from refusal
    return account


def remove_account(db: Session, account: Account) -> None:
    """Delete an account for good, or raise LastAdmin; its name is free again, its id is not."""
    with keeping_an_admin(db):
        db.execute(delete(Account).where(Account.id == account.id))
