"""How long to wait before the next attempt."""

import random
from datetime import timedelta

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 600.0


def pause(attempts: int, retry_after: int | None = None) -> timedelta:
    """Return the wait after that many attempts: exponential, half of it by chance.

    A receiver's own `Retry-After` (seconds) is a lower bound.
    """
    grown = min(_FIRST_SECONDS * 4.0 ** (attempts - 1), _LONGEST_SECONDS)
    chance = grown / 2 + random.random() * grown / 2  # noqa: S311 - spreads load, hides nothing
    return timedelta(seconds=max(chance, float(retry_after or 0)))
