"""Caps as JSON: in stored policies and in outbox rows; what is as usual is left out.

Earlier versions stored `surface` and `kind` beside the limit of a day; they are read as well.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.policy import (
    A_DAY,
    EACH_RECIPIENT,
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
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass


def cap_json(cap: Cap) -> dict[str, object]:
    """Return a cap whole, as a policy stores it."""
    return counting_json(cap) | {
        "covers": {name: list(values) for name, values in _named(cap.covers) if values},
        "source": cap.source,
        "house": cap.house,
    }


def counting_json(cap: Cap) -> dict[str, object]:
    """Return what counting needs of a cap, as outbox rows carry it: not whom it covers, nor why."""
    value: dict[str, object] = {"id": cap.id, "limit": cap.limit}
    if cap.window != A_DAY:
        value["window"] = window_json(cap.window)
    if cap.per != EACH_RECIPIENT:
        value["per"] = [one.value for one in cap.per]
    if cap.over is not Over.DROP:
        value["over"] = cap.over.value
    if cap.mode is not Mode.ENFORCE:
        value["mode"] = cap.mode.value
    value |= _rarer(cap)
    if cap.effective_from is not None:
        value["from"] = cap.effective_from.isoformat()
    return value


def _rarer(cap: Cap) -> dict[str, object]:
    value: dict[str, object] = {}
    if cap.counts is not Counts.POPUPS:
        value["counts"] = cap.counts.value
    if cap.percent is not None:
        value["percent"] = cap.percent
    if cap.broadcast:
        value["broadcast"] = cap.broadcast
    return value


def cap_from(value: Mapping[str, Any]) -> Cap:
    """Read a cap of any version; KeyError or ValueError for what is none."""
    start, percent = value.get("from"), value.get("percent")
    return Cap(
        id=str(value["id"]),
        limit=int(value["limit"]),
        window=_window(value.get("window")),
        covers=_covers(value),
        per=tuple(Per(one) for one in value.get("per", EACH_RECIPIENT)),
        over=Over(value.get("over", Over.DROP)),
        mode=Mode(value.get("mode", Mode.ENFORCE)),
        source=str(value.get("source", "")),
        house=bool(value.get("house", True)),
        counts=Counts(value.get("counts", Counts.POPUPS)),
        percent=None if percent is None else int(percent),
        broadcast=int(value.get("broadcast", 0)),
        effective_from=None if start is None else datetime.fromisoformat(start),
    )


def window_json(window: Window) -> dict[str, object]:
    """Return a window by its one key: unit and zone, rolling, gap (seconds), quiet (minutes)."""
    match window:
        case Calendar(unit, zone):
            return {"unit": unit.value, "zone": zone}
        case Rolling(span_seconds):
            return {"rolling": span_seconds}
        case Gap(gap_seconds):
            return {"gap": gap_seconds}
        case _:
            return {"quiet": [window.starts_minute, window.ends_minute]}


def _named(covers: Covers) -> list[tuple[str, tuple[str, ...]]]:
    return [
        ("kinds", covers.kinds),
        ("surfaces", covers.surfaces),
        ("providers", covers.providers),
        ("topics", covers.topics),
        ("classes", covers.classes),
        ("minors", covers.minors),
    ]


def _covers(value: Mapping[str, Any]) -> Covers:
    named = value.get("covers", {})
    # As it was stored before: one kind or all, one surface or all.
    kinds = named.get("kinds", [] if value.get("kind") is None else [value["kind"]])
    surfaces = named.get("surfaces", [] if value.get("surface") is None else [value["surface"]])
    return Covers(
        kinds=tuple(ContentKind(one) for one in kinds),
        surfaces=tuple(surfaces),
        providers=tuple(named.get("providers", ())),
        topics=tuple(named.get("topics", ())),
        classes=tuple(ContentClass(one) for one in named.get("classes", ())),
        minors=tuple(MinorsAudience(one) for one in named.get("minors", ())),
    )


def _window(value: Mapping[str, Any] | None) -> Window:
    match value:
        case None:
            return A_DAY
        case {"unit": unit, "zone": zone}:
            return Calendar(CalendarUnit(unit), zone)
        case {"rolling": span}:
            return Rolling(int(span))
        case {"gap": span}:
            return Gap(int(span))
        case {"quiet": [starts, ends]}:
            return QuietHours(int(starts), int(ends))
        case _:
            pass
    raise ValueError(f"no window of a cap: {value!r}")
