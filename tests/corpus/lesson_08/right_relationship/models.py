"""The tables, with a way from a user to the notes and back."""

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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

    notes: Mapped[list["Note"]] = relationship(back_populates="owner", passive_deletes=True)


class Note(Base):
    """A private page of one user; it goes when its owner goes."""

    __tablename__ = "notes"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a deleted note's id is not used again

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    body: Mapped[str]

    owner: Mapped[Account] = relationship(back_populates="notes")


# The database itself refuses a second `alice` or `Alice`, however many ask at one moment.
Index("users_name", func.lower(Account.username), unique=True)
