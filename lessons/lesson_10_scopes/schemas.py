"""What the API takes in and what it answers with."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field

# Plain letters only: a name with a space or a look-alike letter could pass for Bob's.
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,32}$")]
Email = Annotated[EmailStr, Field(max_length=254)]
# A line break in a name could forge a line in a log.
FullName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]


def fit_for_bcrypt(password: str) -> str:
    """Return the password if bcrypt can read all of it."""
    # Cut short at 72 bytes or at a NUL, two different passwords would open one account.
    if "\0" in password or len(password.encode()) > 72:
        raise ValueError("A password has at most 72 bytes and no NUL character")
    return password


# The upper limit also stops a password of megabytes that keeps the server busy.
Password = Annotated[str, Field(min_length=8, max_length=72), AfterValidator(fit_for_bcrypt)]


class NewUser(BaseModel):
    """What a newcomer sends; an `id` or `disabled` in the body finds no field here."""

    username: Username
    email: Email
    full_name: FullName
    password: Password


class Credentials(BaseModel):
    """What somebody sends to log in."""

    username: str
    password: str


class User(BaseModel):
    """What a user may know of their own account."""

    model_config = ConfigDict(from_attributes=True)  # read from a row of the table, too

    id: str
    username: str
    email: str
    full_name: str
    roles: list[str]


class UserChange(BaseModel):
    """What users may change; an `id` or `password_hash` in the body finds no field here."""

    email: Email
    full_name: FullName


class Welcome(User):
    """A greeting, and what the caller may know of their own account."""

    message: str


class Token(BaseModel):
    """A token and how to use it (RFC 6749 §5.1)."""

    access_token: str
    token_type: str = Field(default="bearer")
    expires_in: int  # seconds
    scope: str  # separated by spaces


class Introspection(BaseModel):
    """What the server knows of a token (RFC 7662 §2.2)."""

    active: bool
    sub: str | None = None
    exp: int | float | None = None  # seconds since 1970


# Letters of every kind; a NUL is none, and PostgreSQL cannot store it.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class NewNote(BaseModel):
    """What the writer of a note sends; an `owner_id` in the body finds no field here."""

    title: Text = Field(min_length=1, max_length=100)
    body: Text = Field(max_length=10_000)


class SavedNote(BaseModel):
    """A note as its owner reads it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    body: str


RoleName = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$")]


class Roles(BaseModel):
    """All the roles that a user is to have."""

    roles: set[RoleName]


class Disabled(BaseModel):
    """Whether a user is to be locked out."""

    disabled: bool
