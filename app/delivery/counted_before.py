"""What counts against caps that did not count it when it was sent: new ones, and changed ones.

Of each row stands what it was and when it was tried; a cap covers it or does not, and counts it in
the window that was open then. In which time zone a recipient was then is not known any more: the
one of now is taken. Where a content class was not kept, a cap that asks for one counts the row.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

from app.db.session import Tx
from app.delivery.ledger_repository import CountedRow
from app.delivery.outcomes import USED
from app.domain.counting import CountedCap
from app.domain.policy import Calendar, Cap
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency.bearing import Sending
from app.frequency.cap_window import CapWindow
from app.frequency.caps_in_force import ABOUT, CapsInForce
from app.frequency.handed_over import Slot
from app.frequency.keys import block_place
from app.frequency.windows import Scope, open_window
from app.recipients.repository import time_zones

Met: TypeAlias = list[tuple[str, str, int]]
"""Cap, window and Unix time of the noted end of each slot."""


def noted_end(cap: CapWindow) -> int:
    """Return the Unix time of a window's end as rows note it."""
    return math.ceil(cap.noted_end.timestamp())


def own_before(
    tx: Tx, row: CountedRow, lacking: Sequence[CountedCap], counting: CapsInForce
) -> Callable[[str], Met]:
    """Return what tells of a recipient of a row where it counts under caps of each recipient."""
    caps = [one for one in lacking if _covers(one.cap, row)]
    usual, chosen = counting.zone_of(row.surface_id), dict[str, str]()
    if any(isinstance(one.cap.window, Calendar) and one.cap.window.zone is None for one in caps):
        chosen = time_zones(tx, row.surface_id, row.recipients)
    known: dict[str, Met] = {}

    def met(token: str) -> Met:
        zone = chosen.get(token, usual)
        if zone not in known:
            windows = _windows(row, caps, zone)
            known[zone] = [(one.cap_id, one.window, noted_end(one)) for one in windows]
        return known[zone]

    return met


def blocks_before(
    row: CountedRow,
    bucket: int,
    lacking: Sequence[CountedCap],
    counting: CapsInForce,
    noted: Collection[tuple[str, str, str, str]],
) -> Iterator[Slot]:
    """Yield what a row uses of caps of all together in one of their buckets.

    But for what is `noted` of rows, caps, subjects and windows, which counts already.
    """
    used = sum(letter in USED for letter in row.outcomes)
    caps = [one for one in lacking if used and _covers(one.cap, row)]
    met = {
        (one.cap_id, one.subject or "", one.window): one
        for one in _windows(row, caps, counting.zone_of(row.surface_id))
    }
    for (cap_id, subject, window), one in met.items():
        is_here = block_place(cap_id, subject)[0] == bucket
        if is_here and (row.id, cap_id, subject, window) not in noted:
            yield Slot(subject, cap_id, window, one.noted_end, used)


def _windows(row: CountedRow, caps: Sequence[CountedCap], zone: str) -> Iterator[CapWindow]:
    """Yield the windows in which a row was tried, of each cap that did not count it then."""
    scope = Scope(row.provider_id, row.kind, row.topic, row.surface_id)
    for one in caps:
        for tried in row.tries:
            window = open_window(one.cap, tried.started_at, zone, scope)
            if window is not None and tried.started_at < one.since + ABOUT:
                yield window


def _covers(cap: Cap, row: CountedRow) -> bool:
    """Tell whether a cap covers a row; one whose class was not kept may be of any."""
    classes = cap.covers.classes if row.content_class is None else (row.content_class,)
    return any(
        cap.covers.holds_for(
            Sending(
                ContentKind(row.kind),
                row.surface_id,
                row.provider_id,
                row.topic,
                ContentClass(one) if one else None,
                MinorsAudience(row.minors),
            ),
            row.provider_id,
        )
        for one in classes or ("",)
    )
