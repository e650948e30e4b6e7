"""Adding up in the database what was sent in a time: by hour, kind and topic, and by cap."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, and_, func, or_, select, type_coerce

from app.db.session import Tx
from app.delivery.models import outbox
from app.delivery.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Span:
    """A time, and what of it is wanted; None: of every surface, of every provider."""

    since: datetime
    until: datetime
    surface: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class HourUse:
    """Recipients of batches that were put in the outbox in one hour; `of` is a kind or a topic."""

    hour: datetime
    of: str
    everybody: int
    sent: int
    left_out: int
    waiting: int


def by_kind(tx: Tx, span: Span) -> list[HourUse]:
    """Return what was sent by hour (aware, its beginning) and kind."""
    return _by(tx, span, outbox.c.kind)


def by_topic(tx: Tx, span: Span, topics: Collection[str]) -> list[HourUse]:
    """Return what was sent of these topics, by hour."""
    return _by(tx, span, outbox.c.topic, outbox.c.topic.in_(list(topics)))


def most_sent_topics(tx: Tx, span: Span, limit: int) -> list[str]:
    """Return the topics of which most was sent."""
    sent = func.sum(_letters(*_SENT))
    query = select(outbox.c.topic).where(_within(span), outbox.c.topic.is_not(None))
    query = query.group_by(outbox.c.topic).order_by(sent.desc(), outbox.c.topic).limit(limit)
    return list(tx.execute(query).scalars())


def by_cap(tx: Tx, span: Span) -> tuple[Counter[str], Counter[str]]:
    """Return by cap how many it has left out, and how many it would have as a shadow."""
    columns = [type_coerce(one, Text) for one in (outbox.c.left_out, outbox.c.shadowed)]
    some = or_(*(column != "{}" for column in columns))
    # Rows that say the same come as one.
    query = select(*columns, func.count()).where(_within(span), some).group_by(*columns)
    found: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for *texts, rows in tx.execute(query):
        for counts, text in zip(found, texts, strict=True):
            for cap_id, number in orjson.loads(text).items():
                counts[cap_id] += number * rows
    return found


def shadowed_by_hour(tx: Tx, span: Span) -> list[tuple[datetime, Counter[str]]]:
    """Return by hour (aware, its beginning) how many each shadow cap would have left out."""
    hour, told = _hour(tx), type_coerce(outbox.c.shadowed, Text)
    query = select(hour, told, func.count()).where(_within(span), told != "{}")
    found: dict[str, Counter[str]] = {}
    for at, text, rows in tx.execute(query.group_by(hour, told).order_by(hour)):
        counts = found.setdefault(at, Counter())
        for cap_id, number in orjson.loads(text).items():
            counts[cap_id] += number * rows
    return [(_aware(at), counts) for at, counts in found.items()]


_SENT = (Outcome.ACCEPTED, Outcome.STARTED, Outcome.UNKNOWN)


def _by(tx: Tx, span: Span, of: ColumnElement[Any], *more: ColumnElement[bool]) -> list[HourUse]:
    hour = _hour(tx)
    sums = (
        func.length(outbox.c.outcomes),
        _letters(*_SENT),
        _letters(Outcome.CAPPED),
        _letters(Outcome.WAITING),
    )
    query = select(hour, of, *(func.sum(one) for one in sums)).where(_within(span), *more)
    return [
        HourUse(_aware(at), name, *map(int, counts))
        for at, name, *counts in tx.execute(query.group_by(hour, of).order_by(hour, of))
    ]


def _within(span: Span) -> ColumnElement[bool]:
    wanted = [outbox.c.created_at >= span.since, outbox.c.created_at < span.until]
    if span.surface is not None:
        wanted.append(outbox.c.surface_id == span.surface)
    if span.provider is not None:
        wanted.append(outbox.c.provider_id == span.provider)
    return and_(*wanted)


def _letters(*wanted: Outcome) -> ColumnElement[int]:
    """Return how many of a row's recipients have one of these letters."""
    rest: ColumnElement[Any] = outbox.c.outcomes
    for letter in wanted:
        rest = func.replace(rest, letter.value, "")
    return func.length(outbox.c.outcomes) - func.length(rest)


def _hour(tx: Tx) -> ColumnElement[str]:
    """Return the hour in UTC, as text."""
    if tx.dialect.name == "sqlite":
        return func.substr(type_coerce(outbox.c.created_at, Text), 1, len("2026-11-21 02"))
    return func.to_char(func.timezone("UTC", outbox.c.created_at), "YYYY-MM-DD HH24")


def _aware(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC)
