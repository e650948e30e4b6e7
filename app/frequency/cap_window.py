"""A cap in the window that is open now: what a recipient's slot counts in, and for how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.policy import Over

# How long a closed window is remembered. A recipient who moves west across the world can be
# back in yesterday for 26 hours; one more for clocks that differ.
GRACE: Final = timedelta(hours=27)
LARGEST_LIMIT = 65_535
LARGEST_TOGETHER: Final = 4_294_967_295
"""The highest that a count of all recipients together can come to."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-window of a rolling span, and when what was taken in it stops counting."""

    window: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CapWindow:
    """One cap in the window that is open now, for a recipient or for all of a `subject` together.

    `window` names the window (`windows.open_window` makes such names); together with `cap_id`
    it names the counter. `ends_at` is the aware instant at which it stops counting, `closes_at`
    that from which on no slot is taken in it any more (None: the same). Of a rolling span the
    sub-windows `before` and `after` count too. Of `limit`, `broadcast_share` is kept for pushes
    to everyone, so that no recipient can exceed `limit`. A counter is kept for `grace` after its
    end. A shadow cap that is full takes no slot and stops nothing.
    """

    cap_id: str
    window: str
    limit: int
    ends_at: datetime
    broadcast_share: int = 0
    closes_at: datetime | None = None
    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()
    grace: timedelta = GRACE
    over: Over = Over.DROP
    is_shadow: bool = False
    subject: str | None = None

    def __post_init__(self) -> None:
        """Refuse limits that cannot be counted and instants without a zone."""
        largest = LARGEST_LIMIT if self.subject is None else LARGEST_TOGETHER
        if not 0 <= self.broadcast_share <= self.limit <= largest:
            raise ValueError(f"cap {self.cap_id}: need 0 <= broadcast share <= limit <= {largest}")
        if self.ends_at.tzinfo is None:
            raise ValueError(f"cap {self.cap_id}: ends_at has no time zone")

    @property
    def own_limit(self) -> int:
        """How many pushes addressed to the recipient itself the window takes."""
        return self.limit - self.broadcast_share

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that counts, the oldest first; slots are taken in the one at `own`."""
        return (*self.before, Part(self.window, self.ends_at), *self.after)

    @property
    def own(self) -> int:
        """The place among the parts of the one in which slots are taken."""
        return len(self.before)

    @property
    def last_moment(self) -> datetime:
        """From when on no slot is taken in this window any more."""
        return self.ends_at if self.closes_at is None else self.closes_at

    @property
    def noted_end(self) -> datetime:
        """The end that the counter is noted with, in the counters and in the rows.

        Scripts forget every counter `GRACE` after it, which a sub-window of a minute need not
        be remembered for.
        """
        return self.ends_at + self.grace - GRACE
