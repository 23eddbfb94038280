"""The tables of the database (given)."""

from sqlalchemy import Index, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """What all tables have in common."""


class Account(Base):
    """All that is stored of one user; never send it out as it is."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str]
    email: Mapped[str]
    full_name: Mapped[str]
    password_hash: Mapped[str]
    disabled: Mapped[bool] = mapped_column(default=False)


# The database itself refuses a second `alice` or `Alice`, however many ask at one moment.
Index("users_name", func.lower(Account.username), unique=True)
