"""The metadata that all tables share, with named constraints, and our column types."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import DateTime, Dialect, MetaData, Text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime to the microsecond; SQLite, which drops zones, stores it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object] | None:
        """Return what writes a value for the driver; every row has some, so it is quick."""
        if dialect.name == "sqlite":
            return _as_sqlite_text
        return super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a time without a zone; give the driver what it stores."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC datetime on every database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = "a stored instant needs a time zone"
        raise ValueError(message)
    return value if value.tzinfo is UTC else value.astimezone(UTC)


# A push has one instant in ten columns.
@lru_cache(maxsize=256)
def _as_sqlite_text(value: datetime | None) -> str | None:
    """Write an instant as SQLAlchemy does for SQLite, in C."""
    if value is None:
        return None
    return _in_utc(value).isoformat(" ", "microseconds").removesuffix("+00:00")


class JsonText(TypeDecorator[Any]):
    """A JSON value stored as UTF-8 text with sorted keys, the same on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 - JSON
        """Write the value as text."""
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - JSON
        """Read the text back."""
        return None if value is None else orjson.loads(value)
