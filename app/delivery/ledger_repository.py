"""Reading from the outbox what counts against the caps, one bucket at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Text, or_, select, type_coerce

from app.db.session import Tx
from app.delivery.models import STILL_TO_SEND, attempts, counted_blocks, outbox
from app.frequency.keys import BUCKETS

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Try:
    """A time that a row was started under slots of its own, and the windows they count in."""

    started_at: datetime
    windows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A row of which something was started, each time that it was, and what caps may ask of it.

    `content_class` is empty for none, None where it was not kept.
    """

    id: str
    surface_id: str
    provider_id: str
    kind: str
    topic: str | None
    minors: str
    content_class: str | None
    recipients: tuple[str, ...]
    outcomes: str
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A row of which something was started, and what its attempts took of caps of all together.

    `caps` are rows of cap, subject, window and Unix time of the noted end, for each attempt with
    when it started.
    """

    id: str
    outcomes: str
    caps: tuple[tuple[datetime, list[list[Any]]], ...]


@dataclass(frozen=True, slots=True)
class SentTo:
    """A push that was handed, or may have been, to one recipient, and what it counts in.

    `blocks` is what it counts in together with others, as in `BlockRow.caps`.
    """

    push_id: str
    provider_id: str
    kind: str
    topic: str | None
    at: datetime
    outcome: str
    windows: list[dict[str, Any]]
    blocks: tuple[list[list[Any]], ...] = ()


def sent_to(
    tx: Tx, bucket: int, surface_id: str, token: str, since: datetime, limit: int = 500
) -> list[SentTo]:
    """Return tries to reach a recipient in windows that end after `since`, the newest first."""
    named = orjson.dumps(token).decode()
    query = (
        select(
            attempts.c.id,
            outbox.c.push_id,
            outbox.c.provider_id,
            outbox.c.kind,
            outbox.c.topic,
            outbox.c.recipients,
            outbox.c.outcomes,
            attempts.c.started_at,
            attempts.c.windows,
        )
        .join_from(attempts, outbox, attempts.c.outbox_id == outbox.c.id)
        .where(
            attempts.c.bucket == bucket,
            attempts.c.counts_until > since,
            outbox.c.surface_id == surface_id,
            type_coerce(outbox.c.recipients, Text).contains(named, autoescape=True),
        )
        .order_by(attempts.c.started_at.desc(), attempts.c.id.desc())
        .limit(limit)
    )
    found = tx.execute(query).all()
    blocks = defaultdict(list)
    taken = select(counted_blocks.c.attempt_id, counted_blocks.c.caps)
    for block in tx.execute(taken.where(counted_blocks.c.attempt_id.in_([r.id for r in found]))):
        blocks[block.attempt_id].append(block.caps)
    return [
        SentTo(
            row.push_id,
            row.provider_id,
            row.kind,
            row.topic,
            row.started_at,
            row.outcomes[row.recipients.index(token)],
            row.windows,
            tuple(blocks[row.id]),
        )
        for row in found
    ]


def lock_sending(tx: Tx, bucket: int) -> None:
    """Wait for whoever is starting an attempt of the bucket; until the commit nobody begins one.

    A bucket of blocks may be used by any row.
    """
    query = select(outbox.c.id).where(STILL_TO_SEND, outbox.c.state == "sending")
    if bucket < BUCKETS:
        query = query.where(outbox.c.bucket == bucket)
    tx.execute(query.order_by(outbox.c.id).with_for_update()).all()


_ROW = (
    outbox.c.id,
    outbox.c.surface_id,
    outbox.c.provider_id,
    outbox.c.kind,
    outbox.c.topic,
    outbox.c.minors,
    outbox.c.content_class,
    outbox.c.recipients,
    outbox.c.outcomes,
)


def counted_rows(
    tx: Tx, bucket: int, since: datetime | None, after: str, begins: datetime | None = None
) -> list[CountedRow]:
    """Return rows with attempts in windows that end after `since`, a page by id after `after`.

    Those that were started from `begins` on are among them, whatever they count in.
    """
    asked = []
    if since is not None:
        asked.append(attempts.c.counts_until > since)
    if begins is not None:
        asked.append(attempts.c.started_at >= begins)
    counts = (attempts.c.bucket == bucket, or_(*asked))
    started = (
        select(attempts.c.outbox_id)
        .distinct()
        .where(*counts, attempts.c.outbox_id > after)
        .order_by(attempts.c.outbox_id)
        .limit(_PAGE)
    )
    ids = list(tx.execute(started).scalars())
    found: defaultdict[str, dict[str, Try]] = defaultdict(dict)
    columns = attempts.c
    tries = select(columns.outbox_id, columns.reservation_id, columns.started_at, columns.windows)
    for row in tx.execute(
        tries.where(columns.outbox_id.in_(ids), *counts).order_by(columns.number)
    ):
        # Another try under the same slots counts against nothing more.
        found[row.outbox_id].setdefault(row.reservation_id, Try(row.started_at, row.windows))
    query = select(*_ROW).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)
    return [
        CountedRow(*row[:7], tuple(row.recipients), row.outcomes, tuple(found[row.id].values()))
        for row in tx.execute(query)
    ]


def noted_blocks(tx: Tx, row_ids: Sequence[str]) -> set[tuple[str, str, str, str]]:
    """Return what rows have noted of caps of all together: row, cap, subject and window."""
    query = select(counted_blocks.c.outbox_id, counted_blocks.c.caps)
    return {
        (row.outbox_id, cap_id, subject, window)
        for row in tx.execute(query.where(counted_blocks.c.outbox_id.in_(row_ids)))
        for cap_id, subject, window, _ in row.caps
    }


def block_rows(tx: Tx, bucket: int, since: datetime, after: str) -> list[BlockRow]:
    """Return rows that took of a bucket of blocks, as `counted_rows` does."""
    counts = (counted_blocks.c.bucket == bucket, counted_blocks.c.counts_until > since)
    taken = (
        select(counted_blocks.c.outbox_id)
        .distinct()
        .where(*counts, counted_blocks.c.outbox_id > after)
        .order_by(counted_blocks.c.outbox_id)
        .limit(_PAGE)
    )
    ids = list(tx.execute(taken).scalars())
    found = defaultdict(list)
    query = select(counted_blocks.c.outbox_id, counted_blocks.c.caps, attempts.c.started_at).join(
        attempts, attempts.c.id == counted_blocks.c.attempt_id
    )
    for row in tx.execute(query.where(*counts, counted_blocks.c.outbox_id.in_(ids))):
        found[row.outbox_id].append((row.started_at, row.caps))
    columns = select(outbox.c.id, outbox.c.outcomes)
    return [
        BlockRow(row.id, row.outcomes, tuple(found[row.id]))
        for row in tx.execute(columns.where(outbox.c.id.in_(ids)).order_by(outbox.c.id))
    ]
