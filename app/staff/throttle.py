"""How long somebody has to wait after failed attempts to sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from app.staff.repository import Attempt

LOOK_BACK: Final = timedelta(hours=1)
"""Attempts older than this no longer count."""

MOST_ATTEMPTS: Final = 100
"""How many of the latest attempts are looked at."""


@dataclass(frozen=True, slots=True)
class Brake:
    """`free` failures cost nothing; after that the wait doubles from a second up to `longest`."""

    free: int
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """Return how long after the last of so many failures nothing is tried."""
        if failures < self.free:
            return timedelta(0)
        doubled = 1 << min(failures - self.free, 30)
        return min(timedelta(seconds=doubled), self.longest)


# A stranger can make the owner of a name wait: for that reason at most a minute.
BY_NAME: Final = Brake(free=5, longest=timedelta(minutes=1))
# Many people share an address; a success there proves nothing about the other attempts.
BY_ADDRESS: Final = Brake(free=20, longest=timedelta(minutes=15))
# Only who has the password gets so far, so nobody else is kept waiting: a thief who guesses gets
# some hundred of a million codes a day, each good for three steps.
BY_CODE: Final = Brake(free=5, longest=timedelta(minutes=15))

CODES_LOOK_BACK: Final = timedelta(days=1)
"""Wrong codes older than this no longer count."""


def seconds_to_wait(
    by_name: Sequence[Attempt],
    by_address: Sequence[Attempt],
    now: datetime,
    name_brake: Brake = BY_NAME,
) -> int:
    """Return the whole seconds until the next attempt, 0 if it may be made now.

    Both are newest first. Failures of a name count since its last success, those of an
    address all. An attempt under way counts as failed until it has succeeded.
    """
    since_success = list(takewhile(lambda attempt: not attempt.succeeded, by_name))
    failed_there = [attempt for attempt in by_address if not attempt.succeeded]
    waits = (_wait(name_brake, since_success, now), _wait(BY_ADDRESS, failed_there, now))
    longest = max(waits)
    return 0 if longest <= timedelta(0) else -(-longest // timedelta(seconds=1))


def _wait(brake: Brake, failures: Sequence[Attempt], now: datetime) -> timedelta:
    if not failures:
        return timedelta(0)
    return failures[0].at + brake.wait_after(len(failures)) - now
