"""What the API takes in and what it answers with."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, EmailStr, Field

# TODO 2: set limits for each text that a stranger may send
Username = str
Email = str
FullName = str
Password = str


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


class PublicProfile(BaseModel):
    """What everybody may know of a person."""

    username: str
    full_name: str


class User(BaseModel):
    """What a user may know of their own account."""

    id: str
    username: str
    email: str
    full_name: str
