"""The tables of the database (given)."""

from sqlalchemy import BigInteger, ForeignKey, Index, func
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
    role_rows: Mapped[list["UserRole"]] = relationship(order_by="UserRole.role", viewonly=True)

    @property
    def roles(self) -> list[str]:
        """The names of the user's roles."""
        return [row.role for row in self.role_rows]


class UserRole(Base):
    """One role of one user."""

    __tablename__ = "user_roles"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)


class Note(Base):
    """A private page of one user; it goes when its owner goes."""

    __tablename__ = "notes"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a deleted note's id is not used again

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    body: Mapped[str]


class Session(Base):
    """One login that goes on; a token without one is worth nothing."""

    __tablename__ = "sessions"

    jti: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class RevokedToken(Base):
    """A token that was taken back before its end."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)  # seconds since 1970


# The database itself refuses a second `alice` or `Alice`, however many ask at one moment.
Index("users_name", func.lower(Account.username), unique=True)
