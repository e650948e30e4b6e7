"""The table of the counters' buckets: whose they are, and how far each has come."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String, Table, text

from app.db.base import Instant, JsonText, metadata

counter_buckets = Table(
    "counter_buckets",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    # Which ledger the counters must belong to; made once with the table's rows.
    Column("ledger", String(40), nullable=False),
    # The last number handed out; the counters carry the last one that reached them.
    Column("number", BigInteger, nullable=False),
    # Numbers of the last rebuild that began and of the last one that ended.
    Column("rebuilt", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("closed_at", Instant),
    # Until when whoever rebuilds the bucket is left alone.
    Column("rebuild_until", Instant),
    # What it has counted, as `Counting.names` says it, and the mark of all that.
    Column("built", JsonText, nullable=False, server_default=text("'[]'")),
    Column("mark", String(32), nullable=False, server_default=text("''")),
    CheckConstraint("opened <= rebuilt AND rebuilt <= number", name="order"),
)
