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
    # TODO 1: grant what was asked for **and** is allowed
    return " ".join(asked or sorted(allowed_scopes(account)))


def scopes_of(claims: dict[str, Any]) -> set[str]:
    """Return the scopes in a token's claims; a token that names none has none."""
    raise NotImplementedError("TODO 2: read the claim `scope` as a list of whole words")
