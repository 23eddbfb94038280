"""Who is calling, and which role they have: a class as dependency, and one joined query."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from .database import Db
from .models import Account, UserRole
from .store import storable
from .tokens import InvalidToken, verify_token

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token", auto_error=False)  # for /docs
http_bearer = HTTPBearer(auto_error=False)


def refuse(code: str) -> HTTPException:
    """Return a 401."""
    challenge = f'Bearer realm="workbook", {code}' if code else 'Bearer realm="workbook"'
    return HTTPException(401, "Please log in", headers={"WWW-Authenticate": challenge})


def find_active(db: Session, user_id: str) -> Account | None:
    """Return the account, unless it is gone or disabled."""
    if not storable(user_id):
        return None
    return db.scalar(select(Account).where(Account.id == user_id, Account.disabled.is_(False)))


def get_current_user(
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(http_bearer)],
    _: Annotated[str | None, Depends(oauth2_scheme)],
    db: Db,
) -> Account:
    """Return the caller."""
    if sent is None or not sent.credentials:
        raise refuse("")
    try:
        account = find_active(db, verify_token(sent.credentials)["sub"])
    except InvalidToken:
        account = None
    if account is None:
        raise refuse('error="invalid_token"')
    return account


CurrentUser = Annotated[Account, Depends(get_current_user)]


@dataclass(frozen=True)
class RequireRole:
    """A dependency that lets in who has this role."""

    role: str

    def __call__(self, user: CurrentUser, db: Db) -> Account:
        """Ask the database."""
        wanted = exists().where(UserRole.user_id == Account.id, UserRole.role == self.role)
        found = db.scalar(select(Account.id).where(Account.id == user.id, wanted))
        if found is None:
            raise HTTPException(403, {"reason": "forbidden"})
        return user
