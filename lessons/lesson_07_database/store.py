"""The accounts, kept in the table `users`: what lesson 7 changes."""

from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .models import Account


class NameTaken(Exception):
    """Somebody has this user name already, perhaps with other capitals."""


def storable(text: str) -> bool:
    """Tell whether a database can hold this text; one that it cannot hold is nobody's name."""
    # A NUL stops PostgreSQL, half of a surrogate pair stops every driver: a 500 for the asking.
    return text.isprintable()


def find_by_name(db: Session, username: str) -> Account | None:
    """Return the account with this user name, capitals or not."""
    # TODO 2: send the name as a parameter, never as a part of the question
    from sqlalchemy import text

    question = f"SELECT * FROM users WHERE lower(username) = lower('{username}')"
    row = db.execute(text(question)).mappings().first()
    return Account(**row) if row else None


def find_by_id(db: Session, user_id: str) -> Account | None:
    """Return the account with exactly this id."""
    return db.get(Account, user_id) if storable(user_id) else None


def add_account(
    db: Session, username: str, email: str, full_name: str, password_hash: str
) -> Account:
    """Store a new account under an id that is never used again, or raise NameTaken."""
    # TODO 2: draw an id that never returns, and let the database judge the name
    number = len(db.scalars(select(Account.id)).all()) + 1
    user_id = str(number)
    account = Account(
        id=user_id, username=username, email=email, full_name=full_name, password_hash=password_hash
    )
    db.add(account)
    # TODO 2: say `NameTaken` when the database refuses
    db.commit()
    return account


def remove_account(db: Session, account: Account) -> None:
    """Delete an account for good; its name is free again, its id is not."""
    db.execute(delete(Account).where(Account.id == account.id))
    db.commit()
