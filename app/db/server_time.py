"""The database's own clock, for the check that all clocks agree."""

from datetime import UTC, datetime

from sqlalchemy import text

from app.db.session import Tx

_SQLITE = text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
_POSTGRESQL = text("SELECT clock_timestamp()")


def server_time(tx: Tx) -> datetime:
    """Return the database's time as an aware UTC instant; SQLite's is this machine's."""
    if tx.dialect.name == "sqlite":
        return datetime.fromisoformat(tx.execute(_SQLITE).scalar_one()).replace(tzinfo=UTC)
    told: datetime = tx.execute(_POSTGRESQL).scalar_one()
    return told.astimezone(UTC)
