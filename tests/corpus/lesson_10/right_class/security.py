"""Who is calling, and with what kind of token: one class asks for both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer, OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param
from sqlalchemy.orm import Session

from .database import Db
from .models import Account
from .store import find_by_id
from .tokens import ExpiredToken, InvalidToken, verify_token

CHALLENGE = {"WWW-Authenticate": "Bearer"}  # of a login that is refused

# For /docs alone: the header is read below.
oauth2_scheme = OAuth2PasswordBearer(
    tokenUrl="token",
    auto_error=False,
    scopes={
        "notes:read": "See notes",
        "notes:write": "Make, edit and drop notes",
        "account:write": "Edit or close the account",
        "users:admin": "Rule over everybody",
    },
)
http_bearer = HTTPBearer(auto_error=False)


@dataclass(frozen=True)
class Visit:
    """Somebody with a good token, and what the token is for."""

    account: Account
    scopes: frozenset[str]


def find_active(db: Session, user_id: str) -> Account | None:
    """Return the account with this id if it may come in."""
    account = find_by_id(db, user_id)
    return account if account and not account.disabled else None


def refusal(status: int, words: str, **told: str) -> HTTPException:
    """Return a refusal with a challenge in it."""
    parts = ['Bearer realm="notes"', *(f'{name}="{value}"' for name, value in told.items())]
    return HTTPException(status, words, headers={"WWW-Authenticate": ", ".join(parts)})


def visit(request: Request, db: Db, _: Annotated[str | None, Depends(oauth2_scheme)]) -> Visit:
    """Return the visit that the header's token stands for, or refuse with 401."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() != "bearer" or not token:
        raise refusal(401, "A token, please")
    try:
        claims: dict[str, Any] = verify_token(token)
    except ExpiredToken as error:
        raise refusal(401, "This token has ended", error="invalid_token") from error
    except InvalidToken as error:
        raise refusal(401, "This token is not good", error="invalid_token") from error
    account = find_active(db, claims["sub"])
    if account is None:
        raise refusal(401, "This token is not good", error="invalid_token")
    return Visit(account, read_scopes(claims.get("scope", [])))


def read_scopes(claim: object) -> frozenset[str]:
    """Return the scopes of a claim, be it a text or a list of texts."""
    words = claim.split(" ") if isinstance(claim, str) else claim
    if not isinstance(words, list):
        return frozenset()
    return frozenset(word for word in words if isinstance(word, str))


class Needs:
    """A dependency that wants a list of scopes in the token, and perhaps a role of its user."""

    def __init__(self, *scopes: str, role: str = "") -> None:
        self.scopes, self.role = scopes, role

    def __call__(self, visit: Annotated[Visit, Depends(visit)]) -> Account:
        """Return the caller, or refuse."""
        for scope in self.scopes:
            if scope not in visit.scopes:
                raise refusal(403, "Not with this token", error="insufficient_scope", scope=scope)
        if self.role and self.role not in visit.account.roles:
            raise HTTPException(403, "Not you")
        return visit.account


get_current_user: Callable[..., Account] = Needs()
CurrentUser = Annotated[Account, Depends(get_current_user)]
