"""Caps as rows of a form: filled in from a policy, and read back, each fault at its field."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from app.clock import BEIJING
from app.console.forms import Fault
from app.console.session import Visit
from app.domain.policy import (
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
    Window,
)
from app.domain.policy_faults import MOST_CAPS
from app.domain.policy_warnings import warnings
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.errors import Invalid
from app.ids import new_id
from app.policy import wording
from app.policy.sentences import time_of_day

T = TypeVar("T")

WINDOWS: Final = (*(unit.value for unit in CalendarUnit), "rolling", "gap", "quiet")
HOUSES: Final = ("house", "given")
"""Whose choice a number is: ours, or that of a law or a contract."""
WHOM: Final = ("each", "together", "pushes")
"""Whether each recipient has a count of its own, all have one together, or pushes are counted."""
UNITS: Final = {"minutes": 60, "hours": 3_600, "days": 86_400}
SPARE_ROWS: Final = 2
MOST_ROWS: Final = MOST_CAPS + SPARE_ROWS
_LISTS: Final = ("kinds", "surfaces", "providers", "classes", "minors", "per")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_LIMIT_DIGITS: Final = 10
_ROW: Final = re.compile(r"window_([0-9]{1,3})")
# Where the form shows a fault that the domain finds; the rest stand at a field of their name.
_FIELDS: Final = {
    "": "window",
    "window/zone": "zone",
    "window/span": "span",
    "window/quiet": "starts",
    "effective_from": "from",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a cap may name, by id."""

    surfaces: Mapping[str, str]
    providers: Mapping[str, str]


class Unreadable(Exception):  # noqa: N818 - says what it is
    """A field that cannot be read at all: its name without the row, the key of the words."""

    def __init__(self, name: str, key: str) -> None:
        """Keep both."""
        super().__init__(f"{name}: {key}")
        self.name = name
        self.key = key


def filled_rows(caps: Iterable[Cap]) -> dict[str, str | tuple[str, ...]]:
    """Return the values of the form's fields for caps in their order."""
    values: dict[str, str | tuple[str, ...]] = {}
    for row, cap in enumerate(caps):
        fields = _fields_of(cap) | _window_fields(cap.window)
        values |= {f"{name}_{row}": value for name, value in fields.items()}
    return values


def number_of_rows(visit: Visit) -> int:
    """Return how many rows the form had, within reason."""
    numbers = [int(found[1]) for name in visit.form if (found := _ROW.fullmatch(name))]
    return min(max(numbers, default=-1) + 1, MOST_ROWS)


def read_rows(
    visit: Visit, rows: int, known: Known
) -> tuple[tuple[Cap, ...], tuple[int, ...], list[Fault]]:
    """Return the caps, the row of each, and faults of rows that cannot be read.

    Rows without a window, and those marked to be removed, are none.
    """
    caps, places, faults = [], [], []
    for row in range(rows):
        if not visit.field(f"window_{row}") or visit.field(f"remove_{row}"):
            continue
        try:
            caps.append(_cap(visit, row, known))
            places.append(row)
        except Unreadable as error:
            words = visit.t("policy.row", n=row + 1) + visit.t(f"policy.fault.{error.key}")
            faults.append(Fault(f"{error.name}_{row}", words))
    return tuple(caps), tuple(places), faults


def faults_of(visit: Visit, error: Invalid, places: tuple[int, ...]) -> list[Fault]:
    """Return what is wrong with readable caps, at the fields of their rows."""
    faults = []
    for problem in error.problems:
        match problem.pointer.strip("/").split("/", 2):
            case ["caps", at, *rest] if at.isdigit():
                row = places[int(at)]
                path = "/".join(rest)
                name = _FIELDS.get(path, path.rpartition("/")[2])
                words = visit.t("policy.row", n=row + 1) + visit.t.say(problem.message)
                faults.append(Fault(f"{name}_{row}", words))
            case [name, *_]:
                faults.append(Fault("" if name == "caps" else name, visit.t.say(problem.message)))
            case _:
                pass
    return faults


def notes_on(visit: Visit, caps: Sequence[Cap]) -> dict[int, str]:
    """Return what may surprise about caps without a fault, by their place among them."""
    found = warnings(caps, visit.services.clock.now())
    return {
        int(one.pointer.rpartition("/")[2]): visit.t.say(wording.problem(one).message)
        for one in found
    }


def _fields_of(cap: Cap) -> dict[str, str | tuple[str, ...]]:
    start = cap.effective_from
    return {
        "id": cap.id,
        "limit": str(cap.limit),
        "kinds": cap.covers.kinds,
        "surfaces": cap.covers.surfaces,
        "providers": cap.covers.providers,
        "topics": "\n".join(cap.covers.topics),
        "classes": cap.covers.classes,
        "minors": cap.covers.minors,
        "whom": WHOM[2] if cap.counts_pushes else WHOM[not cap.is_each_recipients],
        "broadcast": str(cap.broadcast) if cap.broadcast else "",
        "percent": "" if cap.percent is None else str(cap.percent),
        "per": tuple(one for one in cap.per if one is not Per.RECIPIENT),
        "over": cap.over.value,
        "mode": cap.mode.value,
        "source": cap.source,
        "house": HOUSES[not cap.house],
        "from": "" if start is None else start.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"),
    }


def _window_fields(window: Window) -> dict[str, str | tuple[str, ...]]:
    match window:
        case Calendar(unit, zone):
            return {"window": unit.value, "zone": zone or ""}
        case Rolling(seconds):
            return {"window": "rolling"} | _span_fields(seconds)
        case Gap(seconds):
            return {"window": "gap"} | _span_fields(seconds)
        case QuietHours(starts, ends):
            return {"window": "quiet", "starts": time_of_day(starts), "ends": time_of_day(ends)}


def _span_fields(seconds: int) -> dict[str, str | tuple[str, ...]]:
    unit = next(one for one in ("days", "hours", "minutes") if seconds % UNITS[one] == 0)
    return {"span": str(seconds // UNITS[unit]), "unit": unit}


def _cap(visit: Visit, row: int, known: Known) -> Cap:
    def field(name: str) -> str:
        return visit.field(f"{name}_{row}").strip()

    window, whom = _window(field), field("whom") or WHOM[0]
    limit = {Gap: 1, QuietHours: 0}.get(type(window))
    return Cap(
        # The id names the counters: a cap that stays keeps what has been used of it.
        id=field("id") or new_id("cap").replace("_", "-"),
        limit=_number("limit", field("limit")) if limit is None else limit,
        window=window,
        covers=_covers(visit, row, known),
        per=_per(whom, _chosen("per", visit.fields(f"per_{row}"), Per)),
        over=_one_of("over", field("over") or Over.DROP.value, Over),
        mode=_one_of("mode", field("mode") or Mode.ENFORCE.value, Mode),
        source=field("source"),
        house=field("house") != HOUSES[1],
        effective_from=read_instant(field("from")),
        counts=Counts.PUSHES if whom == WHOM[2] else Counts.POPUPS,
        broadcast=_number("broadcast", field("broadcast")) if field("broadcast") else 0,
        percent=_number("percent", field("percent")) if field("percent") else None,
    )


def _per(whom: str, named: tuple[Per, ...]) -> tuple[Per, ...]:
    if whom not in WHOM:
        raise Unreadable("whom", "choice")
    return (Per.RECIPIENT, *named) if whom == WHOM[0] else named


def _window(field: Callable[[str], str]) -> Window:
    name = field("window")
    if name in set(CalendarUnit):
        return Calendar(CalendarUnit(name), field("zone") or None)
    if name in {"rolling", "gap"}:
        unit = field("unit") or "minutes"
        if unit not in UNITS:
            raise Unreadable("unit", "choice")
        seconds = _number("span", field("span")) * UNITS[unit]
        return Rolling(seconds) if name == "rolling" else Gap(seconds)
    if name == "quiet":
        return QuietHours(_minute("starts", field("starts")), _minute("ends", field("ends")))
    raise Unreadable("window", "choice")


def _covers(visit: Visit, row: int, known: Known) -> Covers:
    listed = {name: tuple(visit.fields(f"{name}_{row}")) for name in _LISTS}
    for name, ids in (("surfaces", known.surfaces), ("providers", known.providers)):
        if not set(listed[name]) <= ids.keys():
            raise Unreadable(name, "choice")
    topics = re.split(r"[\n,，、]", visit.field(f"topics_{row}"))
    return Covers(
        kinds=_chosen("kinds", listed["kinds"], ContentKind),
        surfaces=listed["surfaces"],
        providers=listed["providers"],
        topics=tuple(topic.strip() for topic in topics if topic.strip()),
        classes=_chosen("classes", listed["classes"], ContentClass),
        minors=_chosen("minors", listed["minors"], MinorsAudience),
    )


def _chosen(name: str, values: Iterable[str], choices: Callable[[str], T]) -> tuple[T, ...]:
    return tuple(_one_of(name, value, choices) for value in values)


def _one_of(name: str, value: str, choices: Callable[[str], T]) -> T:
    try:
        return choices(value)
    except ValueError as error:
        raise Unreadable(name, "choice") from error


def _number(name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LIMIT_DIGITS):
        raise Unreadable(name, "number")
    return int(text)


def _minute(name: str, text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Unreadable(name, "clock")
    return int(found[1]) * 60 + int(found[2])


def read_instant(text: str) -> datetime | None:
    """Return what a field for date and time says, in Beijing time; Unreadable if it says none."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable("from", "instant") from error
