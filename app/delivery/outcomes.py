"""What became of one recipient of an outbox row, as one letter each."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """The letters in `outbox.outcomes`; the position is the recipient's."""

    WAITING = "w"
    STARTED = "s"
    ACCEPTED = "a"
    CAPPED = "c"
    REPLACED = "p"
    REFUSED = "r"
    UNREGISTERED = "n"
    MINOR = "m"
    FAILED = "f"
    UNKNOWN = "u"
    EXPIRED = "e"
    STOPPED = "x"


OPEN = frozenset({Outcome.WAITING, Outcome.STARTED})
USED = frozenset({Outcome.STARTED.value, Outcome.ACCEPTED.value, Outcome.UNKNOWN.value})
"""What counts against caps: whatever does not certainly have reached nobody."""


def counts(rows: Iterable[str]) -> dict[str, int]:
    """Return how many recipients met each outcome, by name in lower case, zeros included."""
    letters: Counter[str] = Counter()
    for outcomes in rows:
        letters.update(outcomes)
    return {outcome.name.lower(): letters[outcome.value] for outcome in Outcome}
