"""How long somebody has sat at the desk without a pause: pure, from what they did when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

PAUSE: Final = timedelta(minutes=10)
"""Whoever did nothing for so long was not at the desk."""


@dataclass(frozen=True, slots=True)
class Break:
    """A break; `ended_at` is None while it lasts, `was_told` whether the person said so."""

    began_at: datetime
    ended_at: datetime | None
    was_told: bool = True


def pauses(done: Iterable[datetime], told: Iterable[Break]) -> tuple[Break, ...]:
    """Return the breaks that were told and the gaps between what was done, the first first.

    A gap in which somebody told of a break is that break.
    """
    said = sorted(told, key=lambda one: one.began_at)
    at = sorted(done)
    gaps = [
        Break(first, second, was_told=False)
        for first, second in pairwise(at)
        if second - first >= PAUSE and not any(first <= one.began_at <= second for one in said)
    ]
    return tuple(sorted([*said, *gaps], key=lambda one: one.began_at))


def at_desk_since(
    done: Iterable[datetime], told: Iterable[Break], now: datetime
) -> datetime | None:
    """Return since when somebody works without a pause; None for whoever is not at the desk."""
    at = sorted(done)
    said = list(told)
    if any(one.ended_at is None for one in said):
        return None
    ends = [one.ended_at for one in pauses(at, said) if one.ended_at is not None]
    begun = [one for one in at if not ends or one >= max(ends)]
    return begun[0] if begun and now - begun[-1] < PAUSE else None
