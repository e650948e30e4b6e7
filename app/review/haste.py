"""Which rulings came too fast: quicker than the text can be read, or one like another at speed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from app.domain.decision import RulingVerdict

LETTERS_A_SECOND: Final = 12
"""Well beyond what people read of Chinese: whoever is faster has not read it."""
LOOK: Final = timedelta(seconds=1)
"""What seeing the popup and choosing takes at the very least."""
STREAK: Final = 5
STREAK_GAP: Final = timedelta(seconds=8)
"""So many rulings alike, each so soon after the last, are a streak."""


@dataclass(frozen=True, slots=True)
class Given:
    """A ruling as its pace sees it."""

    verdict: RulingVerdict
    reason: str
    given_at: datetime


def reading_time(letters: int) -> timedelta:
    """Return the shortest time in which a text of so many letters can be read and judged."""
    return LOOK + timedelta(seconds=letters / LETTERS_A_SECOND)


def is_too_fast(letters: int, claimed_at: datetime | None, given_at: datetime) -> bool:
    """Tell whether a ruling came sooner after the claim than its text can be read."""
    return claimed_at is not None and given_at - claimed_at < reading_time(letters)


def is_streak(latest: Sequence[Given]) -> bool:
    """Tell whether a person's latest rulings, the newest first, are alike and at speed."""
    run = latest[:STREAK]
    if len(run) < STREAK or len({(one.verdict, one.reason) for one in run}) > 1:
        return False
    return all(newer.given_at - older.given_at <= STREAK_GAP for newer, older in pairwise(run))
