"""The admins' routes, with one annotated guard at each of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import Db
from .models import Account
from .passwords import hash_password
from .roles import set_disabled, set_roles
from .schemas import Disabled, NewUser, Roles, User
from .security import RequireRole
from .store import add_account, find_by_id

router = APIRouter(tags=["admin"])
Admin = Annotated[Account, Depends(RequireRole("admin"))]


def somebody(db: Session, user_id: str) -> Account:
    """Return an account, or refuse with 404."""
    account = find_by_id(db, user_id)
    if account is None:
        raise HTTPException(404)
    return account


@router.get("/admin")
def admin_area(admin: Admin) -> dict[str, str]:
    """Greet the admin by name."""
    return {"hello": admin.username}


@router.api_route("/users", methods=["GET", "HEAD"])
def list_users(_: Admin, db: Db) -> list[User]:
    """Return all users, the newest somewhere."""
    return [User.model_validate(one) for one in db.scalars(select(Account))]


@router.post("/users", status_code=201)
def create_user(_: Admin, new: NewUser, db: Db) -> User:
    """Open an account."""
    hashed = hash_password(new.password)
    return User.model_validate(add_account(db, new.username, new.email, new.full_name, hashed))


@router.put("/users/{user_id}/roles")
def change_roles(_: Admin, user_id: str, wanted: Roles, db: Db) -> User:
    """Set roles; this service knows two, and refuses others."""
    if not wanted.roles <= {"admin", "editor"}:
        raise HTTPException(422, "There is no such role")
    account = somebody(db, user_id)
    set_roles(db, account, wanted.roles)
    return User.model_validate(account)


@router.put("/users/{user_id}/disabled")
def change_disabled(_: Admin, user_id: str, wanted: Disabled, db: Db) -> User:
    """Lock out or in."""
    account = somebody(db, user_id)
    set_disabled(db, account, wanted.disabled)
    return User.model_validate(account)
