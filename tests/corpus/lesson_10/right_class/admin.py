"""What an admin may do."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select

from .database import Db
from .models import Account
from .passwords import hash_password
from .roles import set_disabled, set_roles
from .schemas import Disabled, NewUser, Roles, User
from .security import Needs
from .store import add_account, find_by_id

router = APIRouter()
RULES = [Depends(Needs("users:admin", role="admin"))]


def somebody(user_id: str, db: Db) -> Account:
    """Return an account by its id."""
    if account := find_by_id(db, user_id):
        return account
    raise HTTPException(404, "Nobody")


Somebody = Annotated[Account, Depends(somebody)]


@router.get("/admin", dependencies=RULES)
def hall() -> dict[str, str]:
    """Say hello."""
    return {"hello": "admin"}


@router.get("/users", response_model=list[User], dependencies=RULES)
def everybody(db: Db) -> Sequence[Account]:
    """List all users."""
    return db.scalars(select(Account)).all()


@router.post("/users", status_code=201, response_model=User, dependencies=RULES)
def make(new: NewUser, db: Db) -> Account:
    """Open an account."""
    return add_account(db, new.username, new.email, new.full_name, hash_password(new.password))


@router.put("/users/{user_id}/roles", response_model=User, dependencies=RULES)
def give_roles(account: Somebody, wanted: Roles, db: Db) -> Account:
    """Set the roles."""
    set_roles(db, account, wanted.roles)
    return account


@router.put("/users/{user_id}/disabled", response_model=User, dependencies=RULES)
def lock(account: Somebody, wanted: Disabled, db: Db) -> Account:
    """Lock out, or in again."""
    set_disabled(db, account, wanted.disabled)
    return account
