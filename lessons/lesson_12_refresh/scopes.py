"""What a token may be used for: what lesson 10 adds."""

from typing import Any

from .models import Account
from .oauth import OAuthError
from .roles import ADMIN

NOTES_READ = "notes:read"
NOTES_WRITE = "notes:write"
ACCOUNT_WRITE = "account:write"
USERS_ADMIN = "users:admin"
SCOPES = {
    NOTES_READ: "Read my notes",
    NOTES_WRITE: "Write, change and delete my notes",
    ACCOUNT_WRITE: "Change my account, or close it",
    USERS_ADMIN: "Manage all users",
}


def allowed_scopes(account: Account) -> set[str]:
    """Return the scopes that this user's roles allow."""
    return set(SCOPES) if ADMIN in account.roles else set(SCOPES) - {USERS_ADMIN}


def grant(account: Account, asked: list[str]) -> str:
    """Return the scopes that a login gets, separated by spaces (RFC 6749 §3.3).

    Who asks for none gets all that is allowed. Raises OAuthError if nothing is left.
    """
    allowed = allowed_scopes(account)
    # Mallory may ask for `users:admin`; asking is no reason to give.
    granted = allowed.intersection(asked) if asked else allowed
    if not granted:
        raise OAuthError("invalid_scope")
    return " ".join(sorted(granted))


def narrowed(account: Account, before: str, asked: list[str]) -> str:
    """Return the scopes of a refresh: none that the login had not (RFC 6749 §6).

    Raises OAuthError if it asks for more, or if nothing is left of what is allowed today.
    """
    if not set(asked) <= set(before.split()):
        raise OAuthError("invalid_scope")
    return grant(account, asked or before.split())


def scopes_of(claims: dict[str, Any]) -> set[str]:
    """Return the scopes in a token's claims; a token that names none has none."""
    scope = claims.get("scope")
    return set(scope.split()) if isinstance(scope, str) else set()
