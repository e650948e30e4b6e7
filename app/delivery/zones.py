"""What the caps of a row say of its recipients now: by time zone, in quiet hours, if exempted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.delivery.repository import OutboxRow
from app.delivery.screening import Addressees
from app.domain.cap_json import cap_from
from app.domain.exemptions import Exemption, eased
from app.domain.policy import Cap, Over, QuietHours
from app.frequency.keys import qualified
from app.frequency.quiet import quiet_until
from app.frequency.store import Group
from app.frequency.windows import TOLERANCE, Scope, open_windows


@dataclass(frozen=True, slots=True)
class Stop:
    """Why somebody gets no slot now: the cap, what it says of that, and until when."""

    cap_id: str
    over: Over
    until: datetime


@dataclass(frozen=True, slots=True)
class Zone:
    """The recipients of one time zone: what stops them all now, what would, what counts them."""

    tokens: tuple[str, ...]
    stop: Stop | None
    shadows: tuple[str, ...]
    group: Group


def names(row: OutboxRow, tokens: Sequence[str]) -> list[str]:
    """Return tokens as the ledger writes them."""
    return [qualified(row.surface_id, token) for token in tokens]


def scope_of(row: OutboxRow) -> Scope:
    """Return what caps may keep counts of a row for, beside its recipients."""
    return Scope(row.provider_id, row.kind, row.topic, row.surface_id)


def changes_soon(caps: Iterable[Cap], now: datetime) -> datetime | None:
    """Return from when on the day of another cap may have come by somebody else's clock.

    Who counts by it would count what goes out by then without it, so nothing does.
    """
    days = [
        cap.effective_from - TOLERANCE
        for cap in caps
        if cap.effective_from is not None and cap.effective_from > now
    ]
    return min(days, default=None)


def eased_caps(row: OutboxRow, exemptions: Iterable[Exemption]) -> tuple[list[Cap], dict[str, str]]:
    """Return the caps of a row as they bear on it, with the exemption by cap where one does."""
    about = [
        one for one in exemptions if one.pushes.include(row.surface_id, row.provider_id, row.topic)
    ]
    return eased(map(cap_from, row.caps), about)


def zones(row: OutboxRow, who: Addressees, caps: Sequence[Cap], now: datetime) -> list[Zone]:
    """Return the addressees of a row by time zone, with what the caps say of each now."""
    by_zone: dict[str, list[str]] = {}
    for token in who.open:
        by_zone.setdefault(who.zones[token], []).append(token)
    own = [cap for cap in caps if cap.is_each_recipients]
    parts = []
    for zone, members in sorted(by_zone.items()):
        stops = _quiet(caps, zone, now)
        binding = [stop for cap, stop in stops if cap.binds]
        parts.append(
            Zone(
                tokens=tuple(members),
                # One that drops before one that waits, and then the one that lasts longest.
                stop=max(binding, key=lambda one: (one.over is Over.DROP, one.until), default=None),
                shadows=tuple(cap.id for cap, _ in stops if not cap.binds),
                group=Group(
                    tuple(names(row, members)), open_windows(own, now, zone, scope_of(row))
                ),
            )
        )
    return parts


def _quiet(caps: Iterable[Cap], zone: str, now: datetime) -> list[tuple[Cap, Stop]]:
    """Return the caps whose quiet hours it is in a time zone, with their end."""
    return [
        (cap, Stop(cap.id, cap.over, until))
        for cap in caps
        if isinstance(cap.window, QuietHours)
        and (until := quiet_until(cap.window, now, zone)) is not None
    ]
