"""Asking the cap ledger for a batch: groups by time zone, and what the answer means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.delivery.outcomes import Outcome
from app.delivery.recount import Windows, windows_of
from app.delivery.repository import OutboxRow
from app.frequency.keys import qualified
from app.frequency.ledger import CapLedger
from app.frequency.store import CapWindow, Group, Lapsed, Reservation
from app.frequency.windows import calendar_day
from app.ids import new_id


@dataclass(frozen=True, slots=True)
class Slots:
    """Who has a slot under every cap and whose slots are marked as started; who is left out.

    The slots were granted under `number` of the row's bucket (None: at an earlier try) and count
    in `windows`, the last of which ends at `counts_until`.
    """

    reservation_id: str
    number: int | None
    granted: tuple[str, ...]
    left_out: Mapping[str, Outcome]
    windows: Windows
    counts_until: datetime | None


async def take_slots(
    ledger: CapLedger,
    row: OutboxRow,
    tokens: Sequence[str],
    zones: Mapping[str, str],
    now: datetime,
) -> Slots | None:
    """Reserve and start one slot under all caps for each token; None if it lapsed meanwhile.

    `zones` names every token's time zone. Raises CountersUnavailable: nothing is sent uncounted.
    """
    groups = tuple(_groups(row, tokens, zones, now))
    asked = Reservation(
        # Never used twice: what a crash leaves behind before `start` lapses with the lease.
        id=new_id("rsv"),
        bucket=row.bucket,
        groups=groups,
        expires_at=(row.lease_until or now) + timedelta(seconds=1),
    )
    outcome = await ledger.grant(asked)
    if isinstance(outcome, Lapsed):
        return None
    prefix = len(qualified(row.surface_id, ""))
    tokens_of = {name: name[prefix:] for name in outcome.granted}
    windows, until = windows_of(groups, tokens_of)
    return Slots(
        reservation_id=outcome.reservation_id,
        number=outcome.number,
        granted=tuple(tokens_of.values()),
        left_out={full.recipient[prefix:]: Outcome.CAPPED for full in outcome.full},
        windows=windows,
        counts_until=until,
    )


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
