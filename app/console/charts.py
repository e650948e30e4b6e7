"""Charts as plain figures for SVG: where each bar stands, worked out on the server.

A chart is drawn by `macros/charts.html` with classes alone, so that light, dark and a strict
content security policy need nothing more, and the same figures stand beneath it as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

WIDTH: Final = 760
HEIGHT: Final = 260
_LEFT: Final = 56
_RIGHT: Final = 8
_TOP: Final = 12
_BOTTOM: Final = 30
_MOST_TICKS: Final = 5
_GAP: Final = 0.28
"""How much of a bar's place is left empty."""
_LABEL_WIDTH: Final = 46


@dataclass(frozen=True, slots=True)
class Series:
    """One colour: what it stands for, its class (`main`, `stop`, `kind-a` to `kind-f`), figures."""

    label: str
    tone: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar, in the units of the drawing, to a tenth."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    says: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale, or a label below the bars."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars with their scale; `labels` and `series` are the figures of the table."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.bars


def stacked(title: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Return bars of which each stacks one figure of every series, the first at the bottom."""
    sums = [sum(one.values[at] for one in series) for at in range(len(labels))]
    ticks = scale(max(sums, default=0))
    return _chart(title, labels, series, [ticks[-1]] * len(labels), ticks, "{:,}")


def shares(title: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Return bars of one height each, divided as the figures of that place are."""
    sums = [sum(one.values[at] for one in series) for at in range(len(labels))]
    return _chart(title, labels, series, sums, (0, 25, 50, 75, 100), "{}%")


def scale(highest: int) -> tuple[int, ...]:
    """Return whole steps of 1, 2 or 5 times a power of ten from 0 up to what holds a figure."""
    step, factors = 1, (2, 5, 10)
    power = 1
    while step * _MOST_TICKS < highest:
        for factor in factors:
            step = power * factor
            if step * _MOST_TICKS >= highest:
                break
        else:
            power *= 10
    top = max(-(-highest // step), 1)
    return tuple(step * at for at in range(top + 1))


def percent(part: int, whole: int) -> str:
    """Return a share with one decimal, which 100% never is unless it is whole; `–` of nothing."""
    if whole == 0:
        return "–"
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}%"


def _chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    wholes: Sequence[int],
    ticks: Sequence[int],
    form: str,
) -> Chart:
    base, high = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    place = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    bars: list[Bar] = []
    for at, whole in enumerate(wholes):
        values = [one.values[at] for one in series]
        x, width = _LEFT + place * (at + _GAP / 2), place * (1 - _GAP)
        for one, value, top in zip(series, values, accumulate(values), strict=True):
            if value:
                says = f"{labels[at]} · {one.label} · {value:,}"
                y, height = base - high * top / whole, high * value / whole
                sizes = [round(size, 1) for size in (x, y, width, height)]
                bars.append(Bar(sizes[0], sizes[1], sizes[2], sizes[3], one.tone, says))
    every = max(1, -(-len(labels) * _LABEL_WIDTH // (WIDTH - _LEFT - _RIGHT)))
    return Chart(
        title=title,
        labels=tuple(labels),
        series=tuple(series),
        bars=tuple(bars),
        rows=tuple(
            Tick(round(base - high * one / ticks[-1], 1), form.format(one)) for one in ticks
        ),
        columns=tuple(
            Tick(round(_LEFT + place * (at + 0.5), 1), label)
            for at, label in enumerate(labels)
            if at % every == 0
        ),
    )
