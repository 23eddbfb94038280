"""What an admin may do: what lesson 9 adds."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select

from .database import Db
from .models import Account
from .passwords import hash_password
from .roles import ADMIN, set_disabled, set_roles
from .schemas import Disabled, NewUser, Roles, User
from .security import require_role
from .store import add_account, find_by_id

# TODO 2: ask for the role once, for every route of this router
router = APIRouter()


def somebody(user_id: str, db: Db) -> Account:
    """Return the account with this id, or refuse with 404."""
    account = find_by_id(db, user_id)
    if account is None:
        raise HTTPException(404, "There is no such user")
    return account


Somebody = Annotated[Account, Depends(somebody)]


# TODO 2: the router asks for the role now
@router.get("/admin", dependencies=[Depends(require_role(ADMIN))])
def admin_area() -> dict[str, str]:
    """Greet an admin."""
    return {"message": "Welcome to the admin area"}


@router.get("/users", response_model=list[User])
def list_users(db: Db) -> Sequence[Account]:
    """Return all users."""
    return db.scalars(select(Account).order_by(Account.username)).all()


@router.post("/users", status_code=201, response_model=User)
def create_user(new: NewUser, db: Db) -> Account:
    """Open an account for somebody else."""
    raise NotImplementedError("TODO 3: open the account, as `register` does")


@router.put("/users/{user_id}/roles", response_model=User)
def change_roles(account: Somebody, wanted: Roles, db: Db) -> Account:
    """Give a user exactly these roles; the last admin stays one (409)."""
    set_roles(db, account, wanted.roles)
    return account


@router.put("/users/{user_id}/disabled", response_model=User)
def change_disabled(account: Somebody, wanted: Disabled, db: Db) -> Account:
    """Lock a user out, or in again; the last admin stays in (409)."""
    set_disabled(db, account, wanted.disabled)
    return account
