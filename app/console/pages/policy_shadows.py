"""What the shadow caps of the policy in force would have stopped, as a plot and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.console.charts import Chart, Series, stacked
from app.console.session import Visit
from app.domain.policy import Cap
from app.reports.shadows import shadowed

_TONES: Final = ("kind-a", "kind-b", "kind-c", "kind-d", "kind-e")


@dataclass(frozen=True, slots=True)
class ShadowLine:
    """A shadow cap in words, how many it would have stopped in all, and on how many days any."""

    cap: Cap
    words: str
    number: int
    days: int


@dataclass(frozen=True, slots=True)
class ShadowView:
    """All shadow caps; the plot has those that would have stopped most, the rest together."""

    lines: tuple[ShadowLine, ...]
    chart: Chart


async def shadow_view(visit: Visit, caps: Sequence[tuple[Cap, str]]) -> ShadowView:
    """Return what of these caps, each with its words, is in shadow and would have stopped whom."""
    words = {cap.id: (cap, said) for cap, said in caps if not cap.binds}
    found = await shadowed(visit.services.db, visit.services.clock.now(), words)
    lines = [
        ShadowLine(*words[name], sum(by_day), sum(map(bool, by_day)))
        for name, by_day in found.caps.items()
    ]
    lines.sort(key=lambda one: (-one.number, one.cap.id))
    shown = [one for one in lines if one.number]
    named = shown if len(shown) <= len(_TONES) else shown[: len(_TONES) - 1]
    series = [
        Series(one.cap.id, tone, found.caps[one.cap.id])
        for one, tone in zip(named, _TONES, strict=False)
    ]
    rest = [found.caps[one.cap.id] for one in shown[len(named) :]]
    if rest:
        summed = tuple(map(sum, zip(*rest, strict=True)))
        series.append(Series(visit.t("policy.shadow_rest"), _TONES[-1], summed))
    days = tuple(day[5:] for day in found.days)
    return ShadowView(tuple(lines), stacked(visit.t("policy.shadows"), days, series))
