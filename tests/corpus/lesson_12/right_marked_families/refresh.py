"""Families end by a mark on their rows; tokens begin with a name, as GitHub's do."""

import hashlib
import secrets
import time

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from .models import Account, RefreshToken
from .oauth import OAuthError

PREFIX = "rt_"


def digest(token: str) -> bytes | str:
    """Return what is stored of a token."""
    return hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=24).hexdigest()


def issue(db: Session, account: Account, scope: str, family: str, expires_at: int) -> str:
    """Store and return a new token."""
    token = PREFIX + secrets.token_hex(20)
    values = {"user_id": account.id, "family": family, "scope": scope, "expires_at": expires_at}
    version = account.session_version
    db.add(RefreshToken(token_hash=digest(token), session_version=version, **values))
    db.flush()
    return token


def use(db: Session, token: str) -> RefreshToken:
    """Mark a token; one that cannot be marked is refused."""
    now = int(time.time())
    known = RefreshToken.token_hash == digest(token)
    mark = update(RefreshToken).where(known, RefreshToken.used_at.is_(None)).values(used_at=now)
    changed = db.execute(mark.execution_options(synchronize_session=False)).rowcount
    row = db.scalar(select(RefreshToken).where(known))
    if row is not None and changed and row.expires_at > now:
        return row
    if row is not None:
        end_family(db, row.family)
    raise OAuthError("invalid_grant")


def end_family_of(db: Session, token: str) -> None:
    """End the family of a token."""
    family = db.scalar(select(RefreshToken.family).where(RefreshToken.token_hash == digest(token)))
    if family is not None:
        end_family(db, family)


def end_family(db: Session, family: str) -> None:
    """Mark all tokens of a family; its access tokens end by themselves, in minutes."""
    mark = update(RefreshToken).where(RefreshToken.family == family)
    db.execute(mark.values(used_at=int(time.time())).execution_options(synchronize_session=False))
    db.commit()


def end_all(db: Session, account: Account) -> None:
    """End all sessions of a user."""
    account.session_version = Account.session_version + 1
    mark = update(RefreshToken).where(RefreshToken.user_id == account.id)
    db.execute(mark.values(used_at=int(time.time())).execution_options(synchronize_session=False))


def forget_ended_families(db: Session) -> None:
    """Drop what is long over."""
    db.execute(delete(RefreshToken).where(RefreshToken.expires_at < time.time() - 86_400))
    db.commit()
