"""The ledger of frequency slots as a protocol: reserve, start, then commit or give back.

The life of one recipient's slots in a reservation::

    reserve -> (expires by itself) | start -> commit | give back | (never heard of again: used)

A slot counts from `reserve` on. Only what was never started expires. Every call may be repeated
after a lost reply and then changes nothing more. Where something is lost, a slot stays used.

What grants or starts is called in a bucket's turn: counters that do not carry the number before
it have lost what they had granted, and are closed until they are restored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.policy import Over
from app.errors import CountersUnavailable, Words
from app.frequency.cap_window import CapWindow

LARGEST_BATCH = 250
MOST_CAPS = 64


class Closed(StrEnum):
    """Why a bucket's counters grant nothing."""

    LOST = "lost"
    """They carry no number at all: empty, flushed, or older than the ledger."""
    FOREIGN = "foreign"
    """They belong to another ledger."""
    BEHIND = "behind"
    """They lack numbers that were handed out: an old copy, a fail-over, or a batch under way."""
    AHEAD = "ahead"
    """They carry a later number: this turn is over, or the database is an old copy."""
    REBUILDING = "rebuilding"
    """They are being restored, or a restoring was broken off."""


class BucketClosed(CountersUnavailable):
    """The counters of a bucket do not carry the number that they should; nothing was changed."""

    def __init__(self, bucket: int, why: Closed, number: int) -> None:
        """Note the number that they carry, 0 for none."""
        self.why = why
        self.number = number
        super().__init__(
            Words(
                f"计数分桶 {bucket} 的数据不可信（{why.value}），重建之前不下发",
                f"the counters of bucket {bucket} cannot be trusted ({why.value}): "
                "nothing is sent until they are rebuilt",
            )
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """When a call's turn is in its bucket, in numbers that the database handed out.

    The counters must belong to `ledger` and carry `after`, whatever was handed out between the
    two, or already `number`, which the call leaves in them.
    """

    bucket: int
    ledger: str
    after: int
    number: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of one cap in one window is used, as counted without the counters."""

    cap_id: str
    window: str
    ends_at: datetime
    used: int


@dataclass(frozen=True, slots=True)
class Group:
    """Recipients of one bucket under the same caps in the same windows.

    A recipient is written as `keys.qualified` writes it. No caps: granted without counting.
    """

    recipients: tuple[str, ...]
    caps: tuple[CapWindow, ...]

    def __post_init__(self) -> None:
        """Refuse a group of nobody, and a cap named twice, which would be counted twice."""
        if not self.recipients:
            raise ValueError("a group holds no recipient")
        if len({cap.cap_id for cap in self.caps}) != len(self.caps):
            raise ValueError("a cap occurs twice in one group")
        if len(self.caps) > MOST_CAPS:
            raise ValueError(f"more than {MOST_CAPS} caps bear on one recipient")


@dataclass(frozen=True, slots=True)
class Reservation:
    """One batch of slots asked for at once: at most 250 recipients of one bucket.

    `id` is unique within the bucket and never used again for anything else; a repeated call
    carries the same value throughout. `expires_at` is when what was not started lapses.
    With `broadcast` the recipients are surfaces and the limits are the caps' broadcast shares.
    With `beside` the slots are known as those of that reservation, of other recipients. `freed`
    are caps and windows in which one slot of a recipient is freed first, whatever is granted.
    """

    id: str
    bucket: int
    groups: tuple[Group, ...]
    expires_at: datetime
    broadcast: bool = False
    beside: str | None = None
    freed: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an empty or too large batch, a recipient twice, an instant without a zone."""
        recipients = self.recipients
        if not 1 <= len(recipients) <= LARGEST_BATCH:
            raise ValueError(
                f"a reservation holds 1 to {LARGEST_BATCH} recipients, not {len(recipients)}"
            )
        if len(set(recipients)) != len(recipients):
            raise ValueError("a recipient occurs twice in one reservation")
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at has no time zone")

    @property
    def known_as(self) -> str:
        """The id by which its slots are started, made final and given back."""
        return self.beside or self.id

    @property
    def recipients(self) -> tuple[str, ...]:
        """All recipients in the order of the groups."""
        return tuple(recipient for group in self.groups for recipient in group.recipients)


@dataclass(frozen=True, slots=True)
class Full:
    """A recipient who has no room; `resets_at` is when the cap has some again.

    Of several full caps it is one that drops, if there is one, and of those the one that has room
    last. A cap with room stands here where a record holds no further counter.
    """

    recipient: str
    cap_id: str
    used: int
    limit: int
    resets_at: datetime
    over: Over = Over.DROP


@dataclass(frozen=True, slots=True)
class Reserved:
    """Who got a slot under all caps, and who under which cap did not.

    `shadowed` has the recipient and the cap where a shadow cap would have stopped who was granted.
    """

    granted: tuple[str, ...]
    full: tuple[Full, ...]
    shadowed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The reservation's time, or one of its windows, was over: nothing was taken."""


ReserveOutcome = Reserved | Lapsed


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one cap a recipient has used in its window, reservations included.

    `resets_at` is when something of it is free again; for a full cap, when there is room.
    """

    cap_id: str
    used: int
    limit: int
    resets_at: datetime


class FrequencyStore(Protocol):
    """Where slots are counted.

    Every method raises `app.errors.CountersUnavailable` if the counters cannot be reached or
    cannot be trusted; whether the call took effect is then unknown, and it may be repeated.
    """

    async def reserve(self, reservation: Reservation, turn: Turn) -> ReserveOutcome:
        """Take one slot under all caps of each recipient, or none of it.

        Raises `BucketClosed` if it is not the bucket's turn, `ReservationChanged` if the id was
        used before with other content.
        """
        ...

    async def start(
        self, reservation_id: str, recipients: Sequence[str], turn: Turn
    ) -> frozenset[str]:
        """Mark slots as about to be used, so that they never expire; return whose.

        All recipients are of the turn's bucket. Raises `BucketClosed` if it is not its turn.

        Call it before the hand-over, and hand over to those returned only: of the others the
        slot has expired, was given back or never existed. A window that closes before the start
        takes the reservation with it.
        """
        ...

    async def commit(self, reservation_id: str, recipients: Sequence[str]) -> frozenset[str]:
        """Make started slots final; return whose slot was still open.

        Meant for accepted pushes, and for unknown outcomes once nobody will ask again.
        """
        ...

    async def give_back(self, reservation_id: str, recipients: Sequence[str]) -> frozenset[str]:
        """Free the slots of pushes that certainly reached nobody; return whose were freed.

        What was committed stays used.
        """
        ...

    async def restore(self, turn: Turn, counted: Mapping[str, Sequence[Counted]]) -> None:
        """Make good what a bucket has lost, and open it at the turn's number.

        What the counters still have stays where it is more; nothing in them can be given back
        any more, and what was never started is freed. Meanwhile the bucket grants nothing, nor
        does it if the restoring breaks off. Raises `BucketClosed` if somebody else restores it
        or has.
        """
        ...

    async def use(
        self, recipients: Sequence[str], caps: Sequence[CapWindow]
    ) -> dict[str, tuple[Use, ...]]:
        """Read how much each recipient has used of each cap, in their order; changes nothing.

        Raises `BucketClosed` for counters that were lost or are being restored. That they lag
        behind only a turn can tell: what is read here never grants anything.
        """
        ...

    async def server_time(self) -> datetime:
        """Return the counters' own clock, for the check of clocks only."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class ReservationChanged(Exception):  # noqa: N818 - says what happened
    """A reservation id came back with other recipients, caps or times: a fault of the caller."""
