"""Scopes as an enumeration; a wish that goes too far is refused as a whole."""

from enum import StrEnum
from typing import Any

from .models import Account
from .oauth import OAuthError


class Scope(StrEnum):
    """What a token can be good for."""

    READ = "notes:read"
    WRITE = "notes:write"
    KEEP = "account:write"
    RULE = "users:admin"


NOTES_READ, NOTES_WRITE, ACCOUNT_WRITE, USERS_ADMIN = (one.value for one in Scope)
SCOPES = {one.value: one.name.capitalize() for one in Scope}


def allowed_scopes(account: Account) -> list[str]:
    """Return what somebody may have, the weakest first."""
    return [one.value for one in Scope if one is not Scope.RULE or "admin" in account.roles]


def grant(account: Account, asked: list[str]) -> str:
    """Return the scope of a token. Raises OAuthError for a wish that is not wholly allowed."""
    allowed = allowed_scopes(account)
    if any(word not in allowed for word in asked):
        raise OAuthError("invalid_scope")
    return " ".join(dict.fromkeys(asked or allowed))


def scopes_of(claims: dict[str, Any]) -> set[str]:
    """Return a token's scopes."""
    match claims.get("scope"):
        case str(text):
            return set(text.split(" "))
    return set()
