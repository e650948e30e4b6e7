"""What is wrong with a policy before it may be published: each fault at its field, as a code."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.policy import (
    EACH_RECIPIENT,
    Calendar,
    CalendarUnit,
    Cap,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind
from app.domain.release_faults import release_faults

MOST_CAPS: Final = 64
HIGHEST_LIMIT: Final = 1_000
HIGHEST_OF_ALL: Final = 1_000_000_000
"""The highest limit of a cap that counts all recipients together."""
SHORTEST_SPAN: Final = 60
LONGEST_SPAN: Final = 31 * 24 * 3600
LONGEST_SOURCE: Final = 200
MOST_COUNTERS: Final = 240
"""How many counters the caps of one surface may need for one recipient; a record holds 255."""
MOST_NAMED: Final = 100
"""How many surfaces, providers or topics a cap may name; every batch carries them."""
FURTHEST: Final = timedelta(days=366)

_DAY_MINUTES: Final = 24 * 60
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST_NAME: Final = 64
# The longest a calendar window can be, an hour that the clocks put back included.
_LONGEST: Final = {CalendarUnit.DAY: 25, CalendarUnit.WEEK: 169, CalendarUnit.MONTH: 745}
# The current window and those of which the end is remembered for 27 hours.
_CALENDAR_COUNTERS: Final = {CalendarUnit.DAY: 3, CalendarUnit.WEEK: 2, CalendarUnit.MONTH: 2}
_SUB_WINDOWS: Final = 34


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """What is wrong with a field: JSON pointer into the caps, code, what its words need."""

    pointer: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


def faults(
    caps: Sequence[Cap],
    now: datetime,
    in_force: Sequence[Cap] = (),
    starts: datetime | None = None,
) -> tuple[PolicyFault, ...]:
    """Return everything that is wrong with caps proposed at `now`, in the order of the caps.

    Whether they fit together, when their policy `starts` (None: now), is asked once each makes
    sense by itself. What is `in_force` may go on with an effective date that has passed.
    """
    dated = {(cap.id, cap.effective_from) for cap in in_force}
    found: list[PolicyFault] = []
    for at, cap in enumerate(caps):
        found += _of_one(f"/caps/{at}", cap)
        if (cap.id, cap.effective_from) not in dated:
            found += date_faults(f"/caps/{at}/effective_from", cap.effective_from, now)
    return tuple(found or _together(caps, starts or now))


def _of_one(pointer: str, cap: Cap) -> Iterator[PolicyFault]:
    if not _ID.fullmatch(cap.id):
        yield PolicyFault(f"{pointer}/id", "bad_id")
    yield from _limit(pointer, cap)
    yield from _window(pointer, cap)
    yield from _per(f"{pointer}/per", cap)
    for name, code in release_faults(cap):
        yield PolicyFault(f"{pointer}/{name}", code)
    yield from _covers(f"{pointer}/covers", cap.covers)
    if not cap.source.strip():
        yield PolicyFault(f"{pointer}/source", "source_missing")
    elif len(cap.source) > LONGEST_SOURCE or not cap.source.isprintable():
        yield PolicyFault(f"{pointer}/source", "bad_text", {"longest": LONGEST_SOURCE})


def _limit(pointer: str, cap: Cap) -> Iterator[PolicyFault]:
    fixed = {Gap: 1, QuietHours: 0}.get(type(cap.window))
    if fixed is not None:
        if cap.limit != fixed:
            yield PolicyFault(f"{pointer}/limit", "limit_is_fixed", {"limit": fixed})
    elif cap.limit < 0:
        yield PolicyFault(f"{pointer}/limit", "negative", {"highest": highest_limit(cap)})
    elif cap.limit > highest_limit(cap):
        yield PolicyFault(f"{pointer}/limit", "too_high", {"highest": highest_limit(cap)})
    elif cap.own_limit == 0 and cap.over is not Over.DROP:
        yield PolicyFault(f"{pointer}/over", "never_free")
    if cap.broadcast and not (cap.is_each_recipients and fixed is None):
        yield PolicyFault(f"{pointer}/broadcast", "broadcast_of_each_only")
    elif not 0 <= cap.broadcast <= max(cap.limit, 0):
        yield PolicyFault(f"{pointer}/broadcast", "broadcast_too_high", {"highest": cap.limit})


def highest_limit(cap: Cap) -> int:
    """Return the highest limit that a cap may have."""
    return HIGHEST_LIMIT if cap.is_each_recipients else HIGHEST_OF_ALL


def _window(pointer: str, cap: Cap) -> Iterator[PolicyFault]:
    match cap.window:
        case Calendar(_, zone) if zone is not None and not _is_zone(zone):
            yield PolicyFault(f"{pointer}/window/zone", "unknown_zone", {"zone": zone[:64]})
        case Rolling(span) | Gap(span) if not SHORTEST_SPAN <= span <= LONGEST_SPAN:
            yield PolicyFault(f"{pointer}/window/span", "span_out_of_range")
        case QuietHours(starts, ends):
            if not (0 <= starts < _DAY_MINUTES and 0 <= ends < _DAY_MINUTES):
                yield PolicyFault(f"{pointer}/window/quiet", "bad_time")
            elif starts == ends:
                yield PolicyFault(f"{pointer}/window/quiet", "quiet_all_day")
        case _:
            return


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _per(pointer: str, cap: Cap) -> Iterator[PolicyFault]:
    if cap.over is Over.REPLACE and not (cap.is_each_recipients and cap.is_counted):
        yield PolicyFault(f"{pointer.removesuffix('/per')}/over", "replaces_for_each_only")
    if len(set(cap.per)) != len(cap.per):
        yield PolicyFault(pointer, "bad_per")
    elif cap.per != EACH_RECIPIENT and not cap.is_counted:
        yield PolicyFault(pointer, "quiet_counts_nothing")
    elif {Per.RECIPIENT, Per.SURFACE} <= set(cap.per):
        yield PolicyFault(pointer, "recipients_have_surfaces")
    alone = {
        Per.PROVIDER: len(cap.covers.providers),
        Per.TOPIC: len(cap.covers.topics),
        Per.KIND: len(cap.covers.kinds),
    }
    for one in cap.per:
        if alone.get(one) == 1:
            yield PolicyFault(pointer, "per_one_only", {"per": one.value})


def _covers(pointer: str, covers: Covers) -> Iterator[PolicyFault]:
    named: dict[str, Sequence[str]] = {
        "kinds": covers.kinds,
        "surfaces": covers.surfaces,
        "providers": covers.providers,
        "topics": covers.topics,
        "classes": covers.classes,
        "minors": covers.minors,
    }
    for name, values in named.items():
        if len(values) > MOST_NAMED:
            yield PolicyFault(f"{pointer}/{name}", "too_many_named", {"most": MOST_NAMED})
            continue
        if len(set(values)) != len(values):
            yield PolicyFault(f"{pointer}/{name}", "named_twice")
        if not all(_is_name(value) for value in values):
            yield PolicyFault(f"{pointer}/{name}", "bad_text", {"longest": _LONGEST_NAME})


def _is_name(value: str) -> bool:
    return value.isprintable() and value == value.strip() and 0 < len(value) <= _LONGEST_NAME


def date_faults(pointer: str, start: datetime | None, now: datetime) -> list[PolicyFault]:
    """Return what is wrong with an effective date; none is wrong with None."""
    if start is None:
        return []
    if start.tzinfo is None:
        return [PolicyFault(pointer, "date_without_zone")]
    if start < now:
        return [PolicyFault(pointer, "date_past")]
    if start > now + FURTHEST:
        return [PolicyFault(pointer, "date_too_far", {"days": FURTHEST.days})]
    return []


def _together(caps: Sequence[Cap], now: datetime) -> Iterator[PolicyFault]:
    if not caps:
        yield PolicyFault("/caps", "empty")
        return
    if len(caps) > MOST_CAPS:
        yield PolicyFault("/caps", "too_many_caps", {"most": MOST_CAPS})
        return
    seen: Counter[str] = Counter()
    for at, cap in enumerate(caps):
        seen[cap.id] += 1
        if seen[cap.id] > 1:
            yield PolicyFault(f"/caps/{at}/id", "repeated", {"id": cap.id})
        yield from _overlaps(f"/caps/{at}", cap, caps[:at], now)
        yield from _behind_gaps(f"/caps/{at}/limit", cap, caps)
    yield from _holes(caps, now)
    if any(_counters_on(surface, caps) > MOST_COUNTERS for surface in _surfaces(caps)):
        yield PolicyFault("/caps", "too_many_counters", {"most": MOST_COUNTERS})


def _overlaps(
    pointer: str, cap: Cap, earlier: Sequence[Cap], now: datetime
) -> Iterator[PolicyFault]:
    """Find a cap beside which this one, or which beside this one, never has anything to do."""
    for other in earlier:
        if _counting(cap) != _counting(other):
            continue
        pairs = ((cap, other), (other, cap))
        if any(_is_idle(one, beside, now) for one, beside in pairs):
            yield PolicyFault(pointer, "same_count", {"id": other.id})


def _counting(cap: Cap) -> tuple[object, ...]:
    """Return what two caps have in common that count the same."""
    sets = [
        frozenset(named)
        for named in (
            cap.covers.kinds,
            cap.covers.surfaces,
            cap.covers.providers,
            cap.covers.topics,
            cap.covers.classes,
            cap.covers.minors,
        )
    ]
    return (*sets, cap.window, frozenset(cap.per), cap.counts, cap.percent)


def _is_idle(cap: Cap, beside: Cap, now: datetime) -> bool:
    """Tell whether `beside` binds at least as tightly all the time that `cap` does."""
    is_weaker = cap.own_limit >= beside.own_limit and cap.broadcast >= beside.broadcast
    stops_less = is_weaker and (cap.mode is Mode.SHADOW or beside.binds)
    return stops_less and beside.is_in_force(cap.effective_from or now)


def _behind_gaps(pointer: str, cap: Cap, caps: Sequence[Cap]) -> Iterator[PolicyFault]:
    """Find a limit that a gap between the very same pushes keeps from ever being reached."""
    match cap.window:
        case Calendar(unit, _):
            span = _LONGEST[unit] * 3600
        case Rolling(seconds):
            span = seconds
        case _:
            return
    for other in caps:
        if not isinstance(other.window, Gap) or not other.binds:
            continue
        same = _counting(replace(cap, window=other.window)) == _counting(other)
        if same and cap.own_limit > span // max(other.window.gap_seconds, 1) + 1:
            yield PolicyFault(pointer, "behind_a_gap", {"id": other.id})


def _holes(caps: Sequence[Cap], now: datetime) -> Iterator[PolicyFault]:
    """Find kinds of content that nothing counts now, and kinds that never have a moment."""
    for kind in ContentKind:
        bearing = [cap for cap in caps if cap.binds and cap.covers.is_all_of(kind)]
        counting = (cap for cap in bearing if cap.is_counted and cap.is_each_recipients)
        if not any(cap.is_in_force(now) for cap in counting):
            yield PolicyFault("/caps", "kind_uncapped", {"kind": kind.value})
        quiet = [cap.window for cap in bearing if isinstance(cap.window, QuietHours)]
        if all(any(one.include(minute) for one in quiet) for minute in range(_DAY_MINUTES)):
            yield PolicyFault("/caps", "always_quiet", {"kind": kind.value})


def _surfaces(caps: Sequence[Cap]) -> set[str | None]:
    return {None, *(surface for cap in caps for surface in cap.covers.surfaces)}


def _counters_on(surface: str | None, caps: Sequence[Cap]) -> int:
    """Add up what the record of one recipient of a surface needs, other topics left aside."""
    return sum(
        _counters(cap)
        for cap in caps
        if cap.is_each_recipients and (not cap.covers.surfaces or surface in cap.covers.surfaces)
    )


def _counters(cap: Cap) -> int:
    match cap.window:
        case Calendar(unit, _):
            return _CALENDAR_COUNTERS[unit]
        case Rolling():
            # A sub-window has a counter only if something was sent in it.
            return min(_SUB_WINDOWS, cap.limit + 1)
        case Gap():
            return 2
        case _:
            return 0
