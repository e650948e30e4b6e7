"""Asking the cap ledger for a batch: groups by time zone, and what the answer means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.delivery.outcomes import Outcome
from app.delivery.repository import OutboxRow
from app.frequency.keys import qualified
from app.frequency.store import CapWindow, FrequencyStore, Group, Lapsed, Reservation
from app.frequency.windows import calendar_day
from app.ids import new_id


@dataclass(frozen=True, slots=True)
class Slots:
    """Who has a slot under every cap and whose slots are marked as started; who is left out."""

    reservation_id: str
    granted: tuple[str, ...]
    left_out: Mapping[str, Outcome]


async def take_slots(
    store: FrequencyStore,
    row: OutboxRow,
    tokens: Sequence[str],
    zones: Mapping[str, str],
    now: datetime,
) -> Slots | None:
    """Reserve and start one slot under all caps for each token; None if it lapsed meanwhile.

    `zones` names every token's time zone. Raises CountersUnavailable: nothing is sent uncounted.
    """
    asked = Reservation(
        # Never used twice: what a crash leaves behind before `start` lapses with the lease.
        id=new_id("rsv"),
        bucket=row.bucket,
        groups=tuple(_groups(row, tokens, zones, now)),
        expires_at=(row.lease_until or now) + timedelta(seconds=1),
    )
    outcome = await store.reserve(asked)
    if isinstance(outcome, Lapsed):
        return None
    started = await store.start(asked.id, outcome.granted)
    prefix = len(qualified(row.surface_id, ""))
    granted = tuple(name[prefix:] for name in outcome.granted if name in started)
    left_out = {full.recipient[prefix:]: Outcome.CAPPED for full in outcome.full}
    return Slots(asked.id, granted, left_out)


def names(row: OutboxRow, tokens: Sequence[str]) -> list[str]:
    """Return tokens as the ledger writes them."""
    return [qualified(row.surface_id, token) for token in tokens]


def _groups(
    row: OutboxRow, tokens: Sequence[str], zones: Mapping[str, str], now: datetime
) -> list[Group]:
    by_zone: dict[str, list[str]] = {}
    for token in tokens:
        by_zone.setdefault(zones[token], []).append(token)
    groups = []
    for zone, members in sorted(by_zone.items()):
        day = calendar_day(now, zone)
        caps = tuple(
            CapWindow(str(cap["id"]), day.key, int(cap["limit"]), day.ends_at) for cap in row.caps
        )
        groups.append(Group(tuple(names(row, members)), caps))
    return groups
