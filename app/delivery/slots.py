"""Asking the cap ledger for a batch: groups by time zone, quiet hours, what the answer means."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from app.delivery.block_slots import (
    Blocks,
    CountedBlock,
    counted_blocks,
    nearly_used,
    numbers,
    reserve_blocks,
    start_blocks,
)
from app.delivery.outcomes import Outcome
from app.delivery.recount import Windows, windows_of
from app.delivery.replacing import replace_older
from app.delivery.repository import OutboxRow
from app.delivery.screening import Addressees
from app.delivery.zones import Stop, Zone, changes_soon, eased_caps, zones
from app.domain.cap_use import CapUse
from app.domain.exemptions import Exemption
from app.domain.policy import Over
from app.errors import CountersUnavailable
from app.frequency.keys import qualified
from app.frequency.ledger import CapLedger, Granted
from app.frequency.store import Lapsed, Reservation
from app.ids import new_id

_AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Slots:
    """Who has a slot under every cap and whose slots are marked as started; who is left out.

    The slots were granted under `numbers` by bucket (none: at an earlier try, or none was asked
    for) and count in `windows`, the last of which ends at `counts_until`, and in `blocks` together
    with all others. `capped` has the cap that left somebody out, `deferred` the moment from which
    somebody may have room, `stopped` each of those granted with a shadow cap that would have
    stopped them, `uses` what is nearly used up; `let` the exemption by the caps that it eases.
    From `good_until` on another cap may be in force by somebody else's clock.
    """

    reservation_id: str
    numbers: Mapping[int, int]
    granted: tuple[str, ...]
    windows: Windows
    counts_until: datetime | None
    blocks: tuple[CountedBlock, ...] = ()
    uses: tuple[CapUse, ...] = ()
    capped: Mapping[str, str] = field(default_factory=dict)
    deferred: Mapping[str, datetime] = field(default_factory=dict)
    stopped: tuple[tuple[str, str], ...] = ()
    let: Mapping[str, str] = field(default_factory=dict)
    good_until: datetime | None = None

    @property
    def shadowed(self) -> dict[str, int]:
        """How many of those granted each shadow cap would have stopped."""
        return dict(Counter(cap for _, cap in self.stopped if cap not in self.let))

    @property
    def exempted(self) -> dict[str, dict[str, list[str]]]:
        """Whom of those granted each exemption has let through, by the cap that it eased."""
        found: dict[str, dict[str, list[str]]] = {}
        for token, cap in self.stopped:
            if cap in self.let:
                found.setdefault(self.let[cap], {}).setdefault(cap, []).append(token)
        return found

    @property
    def left_out(self) -> dict[str, Outcome]:
        """What those met whom a cap has left out."""
        return dict.fromkeys(self.capped, Outcome.CAPPED)

    @property
    def left_out_by(self) -> dict[str, int]:
        """How many each cap has left out."""
        return dict(Counter(self.capped.values()))


_NO_SLOTS: Final = Slots("", {}, (), [], None)


async def take_slots(
    ledger: CapLedger,
    row: OutboxRow,
    who: Addressees,
    now: datetime,
    exemptions: Iterable[Exemption] = (),
) -> Slots | None:
    """Reserve and start one slot under all caps for each addressee; None if it lapsed meanwhile.

    What counts all recipients together is reserved first, as a block for all of them, and freed
    for those who get no slot. `exemptions` are those in force. Raises CountersUnavailable: nothing
    is sent uncounted.
    """
    every, let = eased_caps(row, exemptions)
    caps = [cap for cap in every if cap.is_in_force(now)]
    good_until = changes_soon(every, now)
    if good_until is not None and good_until <= now:
        return None
    parts = zones(row, who, caps, now)
    stops = {token: part.stop for part in parts if part.stop is not None for token in part.tokens}
    awake = [part for part in parts if part.stop is None]
    if not awake:
        return _settled(_NO_SLOTS, stops, row, now)
    number = sum(len(part.tokens) for part in awake)
    together = [cap for cap in caps if not cap.is_each_recipients]
    blocks = await reserve_blocks(ledger, row, together, number, (now, who.surface_zone))
    if blocks is None:
        return None
    if not blocks.room:
        await start_blocks(ledger, blocks, 0)
        everybody = [token for part in awake for token in part.tokens]
        return _settled(_NO_SLOTS, stops | _full(blocks, everybody, 0), row, now)
    own = await _take_own(ledger, row, awake, blocks, now)
    if own is None:
        return None
    slots, full = own
    return _settled(replace(slots, let=let, good_until=good_until), stops | full, row, now)


async def _take_own(
    ledger: CapLedger, row: OutboxRow, awake: Sequence[Zone], blocks: Blocks, now: datetime
) -> tuple[Slots, dict[str, Stop]] | None:
    """Take each recipient's own slots, and what is used of the blocks; tell who has no room."""
    asked = Reservation(
        # Never used twice: what a crash leaves behind before `start` lapses with the lease.
        id=new_id("rsv"),
        bucket=row.bucket,
        groups=tuple(part.group for part in awake),
        expires_at=(row.lease_until or now) + _MOMENT,
    )
    try:
        outcome = await ledger.grant(asked)
    except CountersUnavailable:
        await start_blocks(ledger, blocks, 0)
        raise
    if isinstance(outcome, Lapsed):
        await start_blocks(ledger, blocks, 0)
        return None
    outcome = await replace_older(ledger, row, asked, outcome, (blocks.room, now))
    slots = await _start(ledger, row, outcome, blocks)
    if slots is None:
        return None
    prefix = len(qualified(row.surface_id, ""))
    tokens_of = {name: name[prefix:] for name in outcome.granted[: blocks.room]}
    windows, until = windows_of(asked.groups, tokens_of)
    slots = replace(
        slots,
        windows=windows,
        counts_until=until,
        stopped=(
            *((tokens_of[name], cap_id) for name, cap_id in outcome.shadowed if name in tokens_of),
            *_shadowed_by_quiet(awake, frozenset(slots.granted)),
            *blocks.shadowed(slots.granted),
        ),
        uses=nearly_used(blocks, row, len(slots.granted), now),
    )
    spare = [name[prefix:] for name in outcome.granted[blocks.room :]]
    full = {
        one.recipient[prefix:]: Stop(one.cap_id, one.over, one.resets_at) for one in outcome.full
    }
    return slots, full | _full(blocks, spare, blocks.room)


async def _start(
    ledger: CapLedger, row: OutboxRow, outcome: Granted, blocks: Blocks
) -> Slots | None:
    """Start the blocks for those who got a slot; who is too many for them gives it back."""
    names_of = outcome.granted[: blocks.room]
    await ledger.give_back(outcome.reservation_id, outcome.granted[blocks.room :])
    try:
        in_time = await start_blocks(ledger, blocks, len(names_of))
    except CountersUnavailable:
        await ledger.give_back(outcome.reservation_id, names_of)
        raise
    taken = counted_blocks(blocks) if names_of else ()
    if not in_time:
        await ledger.give_back(outcome.reservation_id, names_of)
        await ledger.give_back_blocks(taken, len(names_of), row.attempts + 1)
        return None
    prefix = len(qualified(row.surface_id, ""))
    return Slots(
        reservation_id=outcome.reservation_id,
        numbers={row.bucket: outcome.number, **numbers(blocks)},
        granted=tuple(name[prefix:] for name in names_of),
        windows=[],
        counts_until=None,
        blocks=taken,
    )


def _settled(slots: Slots, stops: Mapping[str, Stop], row: OutboxRow, now: datetime) -> Slots:
    """Tell those who are left out from those who wait for a moment before the push expires."""
    capped, deferred = {}, {}
    for token, stop in stops.items():
        until = max(stop.until, now + _MOMENT)
        if stop.over is Over.DEFER and until < row.expires_at:
            deferred[token] = until
        else:
            capped[token] = stop.cap_id
    return replace(slots, capped=capped, deferred=deferred)


def _full(blocks: Blocks, tokens: Sequence[str], first: int) -> dict[str, Stop]:
    """Return what stops those for whom blocks have no room; the first of them is at that place.

    Who only lacks what other batches have reserved and may not use asks again in a moment.
    """
    stops = {}
    for place, token in enumerate(tokens, first):
        room = blocks.full_at(place)
        if room.left <= place < room.left + room.pending:
            stops[token] = Stop(room.cap_id, Over.DEFER, _AT_ONCE)
        else:
            stops[token] = Stop(room.cap_id, room.over, room.resets_at)
    return stops


def _shadowed_by_quiet(awake: Sequence[Zone], granted: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Name those granted whom shadows of quiet hours would have stopped."""
    for part in awake:
        for cap_id in part.shadows:
            yield from ((token, cap_id) for token in part.tokens if token in granted)
