"""Over a cap that replaces, a popup takes the place and the slots of an older one not shown yet.

What is taken back is committed in the transaction that gives the bucket its next number, and only
the call of that number frees its slots and takes them anew: a rebuild that comes between, which
knows of no slot of what was taken back, ends the number, so that nothing is freed twice. Whatever
breaks off between the two leaves slots used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.audit.events import AuditKind, system
from app.audit.record import record
from app.db.session import Tx
from app.delivery import replacing_repository as rows
from app.delivery.replacing_repository import Unshown
from app.delivery.repository import OutboxRow
from app.domain.policy import Over
from app.errors import CountersUnavailable
from app.frequency.cap_window import CapWindow
from app.frequency.handed_over import Freed
from app.frequency.keys import qualified
from app.frequency.ledger import CapLedger, Granted
from app.frequency.store import Lapsed, Reservation
from app.ids import new_id


@dataclass(frozen=True, slots=True)
class _Wanting:
    """Who may replace something: by name in the ledger the caps that are full, all of which do."""

    row: OutboxRow
    full: Mapping[str, Sequence[CapWindow]]
    most: int
    now: datetime

    def withdraw(self, tx: Tx) -> Freed:
        """Take back an older popup for each, and return whose slots in what that frees."""
        freed: dict[str, tuple[tuple[str, str], ...]] = {}
        replaced: Counter[tuple[str, str]] = Counter()
        for name, full in self.full.items():
            if len(freed) == self.most:
                break
            token = name.removeprefix(qualified(self.row.surface_id, ""))
            older = self._older(tx, token, full)
            if older is not None:
                rows.take_back(tx, older, token, self.now)
                freed[name] = older.counts_in
                replaced[older.push_id, older.outbox_id] += 1
        for (push_id, outbox_id), number in replaced.items():
            body = {"row": outbox_id, "replaced_by": self.row.push_id, "recipients": number}
            record(tx, self.now, AuditKind.RECALL, system("dispatcher"), push_id, **body)
        return freed

    def _older(self, tx: Tx, token: str, full: Sequence[CapWindow]) -> Unshown | None:
        """Return the oldest popup whose slots make room under every cap that is full."""
        needed = [{(cap.cap_id, part.window) for part in cap.parts} for cap in full]
        for one in rows.unshown(tx, self.row, token, self.now):
            if all(not windows.isdisjoint(one.counts_in) for windows in needed):
                return one
        return None


async def replace_older(
    ledger: CapLedger,
    row: OutboxRow,
    asked: Reservation,
    outcome: Granted,
    at: tuple[int, datetime],
) -> Granted:
    """Return what was granted, with those among it who replaced an older popup of theirs.

    Only in the built-in inbox, and only popups of the same provider. `at` is how many may be
    reached in all, and the instant. Who finds nothing to replace is left out.
    """
    room = at[0] - len(outcome.granted)
    named = [one.recipient for one in outcome.full if one.over is Over.REPLACE]
    if row.channel != "inbox" or not named or room < 1:
        return outcome
    again = replace(asked, id=new_id("rsv"), beside=outcome.reservation_id)
    try:
        full = await _full(ledger, asked, frozenset(named))
        swapped = await ledger.swap(again, _Wanting(row, full, room, at[1]).withdraw)
    except CountersUnavailable:
        # What was taken back stays used; the others go on.
        return outcome
    if isinstance(swapped, Lapsed):
        return outcome
    gained = frozenset(swapped.granted)
    return replace(
        outcome,
        granted=(*outcome.granted, *swapped.granted),
        full=tuple(one for one in outcome.full if one.recipient not in gained),
        shadowed=(*outcome.shadowed, *swapped.shadowed),
    )


async def _full(
    ledger: CapLedger, asked: Reservation, named: frozenset[str]
) -> dict[str, list[CapWindow]]:
    """Return the caps without room of each of those who are named."""
    found = {}
    for group in asked.groups:
        names = [name for name in group.recipients if name in named]
        caps = [cap for cap in group.caps if not cap.is_shadow]
        uses = await ledger.use(names, caps) if names else {}
        for name, counts in uses.items():
            found[name] = [
                cap for cap, use in zip(caps, counts, strict=True) if use.used >= use.limit
            ]
    return found
