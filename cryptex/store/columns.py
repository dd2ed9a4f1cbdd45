"""The four column types that STRICT tables allow through SQLModel, named here and nowhere else.

SQLite's STRICT tables take INTEGER, TEXT and BLOB; PostgreSQL's INTEGER has 32 bits. Times are integer nanoseconds,
money is whole numbers, words are text.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

INTEGER: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits."""

TEXT: Final[TypeEngine[str]] = Text()
"""Text, without a length: the protocol bounds it before it is journaled."""

BLOB: Final[TypeEngine[bytes]] = LargeBinary()
"""Bytes."""

FLAG: Final[TypeEngine[int]] = Integer()
"""A truth value, 0 or 1."""

STRICT: Final[dict[str, Any]] = {"sqlite_strict": True}
"""Table options: every value has the type of its column."""

STRICT_CLUSTERED: Final[dict[str, Any]] = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""Table options: STRICT, and rows lie in the order of the primary key, so that it needs no index beside the table."""


# These return Any because SQLModel's own Field does: the field's annotation is what type checkers see.
def integer(*, primary_key: bool = False, nullable: bool = False) -> Any:
    """Return a field of 64 bits; a primary key of it is given by the writer, never counted up by the database."""
    return Field(sa_column=Column(INTEGER, primary_key=primary_key, nullable=nullable, autoincrement=False))


def text(*, primary_key: bool = False, nullable: bool = False) -> Any:
    """Return a field of text."""
    return Field(sa_column=Column(TEXT, primary_key=primary_key, nullable=nullable))


def blob() -> Any:
    """Return a field of bytes."""
    return Field(sa_column=Column(BLOB, nullable=False))


def flag() -> Any:
    """Return a field that holds 0 or 1."""
    return Field(sa_column=Column(FLAG, nullable=False))
