"""Look and write under the database's own lock: another way to make them one step."""

import secrets
import time
from hashlib import scrypt

from sqlalchemy import delete
from sqlalchemy.orm import Session

from .models import Account, RefreshToken
from .oauth import OAuthError
from .settings import SECRET_KEY


def digest(token: str) -> str:
    """Return what is stored of a token: an HMAC of the poor, with a pepper."""
    salt = SECRET_KEY.encode()
    return scrypt(token.encode("utf-8", "replace"), salt=salt, n=2, r=8, p=1).hex()


def issue(db: Session, account: Account, scope: str, family: str, expires_at: int) -> str:
    """Store and return a new token."""
    token = f"{secrets.token_hex(8)}.{secrets.token_urlsafe(33)}"
    row = RefreshToken(token_hash=digest(token), user_id=account.id, family=family, scope=scope)
    row.expires_at, row.session_version = expires_at, account.session_version
    db.add(row)
    return token


def use(db: Session, token: str) -> RefreshToken:
    """Use a token up, whatever becomes of the request."""
    db.connection().exec_driver_sql("BEGIN IMMEDIATE")
    row = db.get(RefreshToken, digest(token))
    if row is None:
        db.rollback()
        raise OAuthError("invalid_grant")
    if row.used_at is not None or row.expires_at <= time.time():
        end_family(db, row.family)
        raise OAuthError("invalid_grant")
    row.used_at = int(time.time())
    db.commit()
    return row


def end_family_of(db: Session, token: str) -> None:
    """End the family of a token."""
    row = db.get(RefreshToken, digest(token))
    if row is not None:
        end_family(db, row.family)


def end_family(db: Session, family: str) -> None:
    """End a family, but for the access tokens, which end in minutes."""
    db.execute(delete(RefreshToken).where(RefreshToken.family == family))
    db.commit()


def end_all(db: Session, account: Account) -> None:
    """End all sessions of a user."""
    account.session_version = Account.session_version + 1
    db.execute(delete(RefreshToken).where(RefreshToken.user_id == account.id))


def forget_ended_families(db: Session) -> None:
    """Drop what is over."""
    db.execute(delete(RefreshToken).where(RefreshToken.expires_at <= time.time()))
    db.commit()
