"""The admins' routes; the guard stands in front of them, in guard.py."""

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select

from .database import Db
from .models import Account
from .passwords import hash_password
from .roles import set_disabled, set_roles
from .schemas import Disabled, NewUser, Roles, User
from .security import oauth2_scheme
from .store import add_account, find_by_id

router = APIRouter(dependencies=[Depends(oauth2_scheme)])  # a padlock in /docs


@router.get("/admin")
def admin_area() -> dict[str, str]:
    """Greet an admin."""
    return {"message": "hello"}


@router.get("/users", response_model=list[User])
def list_users(db: Db) -> list[Account]:
    """Return all users."""
    return list(db.scalars(select(Account)))


@router.post("/users", status_code=201, response_model=User)
def create_user(new: NewUser, db: Db) -> Account:
    """Open an account."""
    hashed = hash_password(new.password)
    return add_account(db, new.username, new.email, new.full_name, hashed)


@router.put("/users/{user_id}/{what}", response_model=User)
def change(user_id: str, what: str, body: dict[str, object], db: Db) -> Account:
    """Change roles, or lock out and in: one route for two."""
    account = find_by_id(db, user_id)
    if account is None or what not in ("roles", "disabled"):
        raise HTTPException(404)
    try:
        if what == "roles":
            set_roles(db, account, Roles.model_validate(body).roles)
        else:
            set_disabled(db, account, Disabled.model_validate(body).disabled)
    except ValueError as error:
        raise HTTPException(422, "Unreadable") from error
    return account
