"""One person's day at the desk, and how they want it: reading and writing."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Text, func, or_, select, type_coerce

from app.db.session import Tx
from app.review.health_repository import seconds_between
from app.review.models import desk_breaks, desk_habits, rulings, ticket_passes, tickets
from app.review.stretches import Break

BREAK_AFTER: Final = (0, 25, 50, 90)
"""After how many minutes at the desk somebody may be asked to pause; 0 is never."""
MOST_SEVERE: Final = 500


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody wants the desk; `most_severe` items a day, 0 without a budget."""

    blur: bool = False
    grey: bool = False
    break_after: int = 50
    most_severe: int = 40


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did in a time; `holds` counts by rule what the tickets were held for."""

    verdicts: Counter[str]
    passed: int
    at: tuple[datetime, ...]
    seconds: tuple[tuple[int, int], ...]
    held_for: tuple[tuple[frozenset[str], int], ...]


def habits_of(tx: Tx, staff_id: str) -> Habits:
    """Return how somebody wants the desk; the usual for whoever never said."""
    row = tx.execute(select(desk_habits).where(desk_habits.c.staff_id == staff_id)).one_or_none()
    if row is None:
        return Habits()
    return Habits(row.blur, row.grey, row.break_after, row.most_severe)


def set_habits(tx: Tx, staff_id: str, habits: Habits) -> None:
    """Note how somebody wants the desk."""
    values = {name: getattr(habits, name) for name in Habits.__dataclass_fields__}
    found = tx.execute(
        desk_habits.update().where(desk_habits.c.staff_id == staff_id).values(**values)
    )
    if not found.rowcount:
        tx.execute(desk_habits.insert().values(staff_id=staff_id, **values))


def breaks_of(tx: Tx, staff_id: str, since: datetime) -> list[Break]:
    """Return the breaks that somebody told of since an instant, and the one that lasts."""
    query = select(desk_breaks).where(
        desk_breaks.c.staff_id == staff_id,
        or_(desk_breaks.c.began_at >= since, desk_breaks.c.ended_at.is_(None)),
    )
    rows = tx.execute(query.order_by(desk_breaks.c.began_at))
    return [Break(row.began_at, row.ended_at) for row in rows]


def begin_break(tx: Tx, staff_id: str, now: datetime) -> bool:
    """Note that a break begins; False if one lasts already."""
    lasting = select(desk_breaks.c.began_at).where(
        desk_breaks.c.staff_id == staff_id, desk_breaks.c.ended_at.is_(None)
    )
    if tx.execute(lasting.with_for_update()).first() is not None:
        return False
    tx.execute(desk_breaks.insert().values(staff_id=staff_id, began_at=now))
    return True


def end_break(tx: Tx, staff_id: str, now: datetime) -> bool:
    """Note that the break is over; False if none lasted."""
    lasting = desk_breaks.update().where(
        desk_breaks.c.staff_id == staff_id, desk_breaks.c.ended_at.is_(None)
    )
    return bool(tx.execute(lasting.values(ended_at=now)).rowcount)


def done(tx: Tx, staff_id: str, since: datetime) -> Done:
    """Return what somebody did since an instant; undone rulings were work too."""
    mine = (rulings.c.reviewer == f"staff:{staff_id}", rulings.c.given_at >= since)
    given = list(tx.execute(select(rulings.c.claimed_at, rulings.c.given_at).where(*mine)))
    passes = tx.execute(
        select(ticket_passes.c.passed_at).where(
            ticket_passes.c.staff_id == staff_id, ticket_passes.c.passed_at >= since
        )
    ).scalars()
    passed = list(passes)
    verdict = select(rulings.c.verdict, func.count()).where(*mine).group_by(rulings.c.verdict)
    claims = select(tickets.c.claimed_at).where(
        tickets.c.claimed_by == staff_id, tickets.c.claimed_at >= since
    )
    at = {one for row in given for one in row if one is not None and one >= since}
    return Done(
        verdicts=Counter({row[0]: row[1] for row in tx.execute(verdict)}),
        passed=len(passed),
        at=tuple(sorted(at.union(passed, tx.execute(claims).scalars()))),
        seconds=_seconds(tx, staff_id, since),
        held_for=_held_for(tx, staff_id, since),
    )


def overruled(tx: Tx, staff_id: str, since: datetime) -> int:
    """Return how many of somebody's rulings an arbiter decided against."""
    query = select(func.count()).where(
        rulings.c.reviewer == f"staff:{staff_id}",
        rulings.c.given_at >= since,
        rulings.c.overruled_by.is_not(None),
    )
    return tx.execute(query.select_from(rulings)).scalar_one()


def _seconds(tx: Tx, staff_id: str, since: datetime) -> tuple[tuple[int, int], ...]:
    took = seconds_between(tx, rulings.c.claimed_at, rulings.c.given_at)
    query = select(took, func.count()).where(
        rulings.c.reviewer == f"staff:{staff_id}",
        rulings.c.given_at >= since,
        rulings.c.claimed_at.is_not(None),
    )
    return tuple((row[0], row[1]) for row in tx.execute(query.group_by(took)))


def _held_for(tx: Tx, staff_id: str, since: datetime) -> tuple[tuple[frozenset[str], int], ...]:
    held = type_coerce(tickets.c.holds, Text)
    query = (
        select(held, func.count())
        .join(rulings, rulings.c.ticket_id == tickets.c.id)
        .where(rulings.c.reviewer == f"staff:{staff_id}", rulings.c.given_at >= since)
    )
    return tuple(
        (frozenset(orjson.loads(row[0])), row[1]) for row in tx.execute(query.group_by(held))
    )
