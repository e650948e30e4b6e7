"""The policy language: how often, and when, a recipient may see which popups.

Its keys are a closed set, and none is about a customer (promise 11): a cap can tell kinds of
pushes apart, never kinds of recipients.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.domain.values import dataclass


class CalendarUnit(StrEnum):
    """A span that the calendar begins anew; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day, week or month that the calendar shows in `zone`.

    None: the recipient's own zone, or the surface's where all recipients are counted together.
    """

    unit: CalendarUnit
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Rolling:
    """The last so many seconds; what left up to a thirty-second of them before counts too."""

    span_seconds: int


@dataclass(frozen=True, slots=True)
class Gap:
    """At least so many seconds from one push to the next, counted like a rolling span of one."""

    gap_seconds: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one minute of the recipient's day to another, which may be tomorrow's; no push."""

    starts_minute: int
    ends_minute: int

    def include(self, minute: int) -> bool:
        """Tell whether a minute of the day (0 to 1439) is among them."""
        if self.starts_minute <= self.ends_minute:
            return self.starts_minute <= minute < self.ends_minute
        return minute >= self.starts_minute or minute < self.ends_minute


Window: TypeAlias = Calendar | Rolling | Gap | QuietHours


class Per(StrEnum):
    """What a cap keeps a count of its own for.

    Without the recipient it counts whom a push reaches together with all others, so that what
    bears on everybody's popups at once is one count.
    """

    RECIPIENT = "recipient"
    SURFACE = "surface"
    PROVIDER = "provider"
    TOPIC = "topic"
    KIND = "kind"


class Counts(StrEnum):
    """What a cap counts: each recipient whom a push reaches, or each push once it is released."""

    POPUPS = "popups"
    PUSHES = "pushes"


class Over(StrEnum):
    """What becomes of a push for a recipient without room.

    What replaces takes the place of an older one of the same provider that was not shown yet;
    where there is none, or the channel takes nothing back, it is left out.
    """

    DROP = "drop"
    DEFER = "defer"
    REPLACE = "replace"


class Mode(StrEnum):
    """Whether a cap stops pushes, or only counts what it would have stopped."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


class Covered(Protocol):
    """What a cap may ask of a push: of one that comes in, or of one that is long gone."""

    @property
    def kind(self) -> ContentKind: ...  # noqa: D102 - as in PushRequest, here and below
    @property
    def surface(self) -> str: ...  # noqa: D102
    @property
    def topic(self) -> str | None: ...  # noqa: D102
    @property
    def content_class(self) -> ContentClass | None: ...  # noqa: D102
    @property
    def minors(self) -> MinorsAudience: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Covers:
    """Which pushes a cap is about; what is empty is not asked about, what is not is all needed."""

    kinds: tuple[ContentKind, ...] = ()
    surfaces: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    classes: tuple[ContentClass, ...] = ()
    minors: tuple[MinorsAudience, ...] = ()

    def holds_for(self, push: Covered, provider: str) -> bool:
        """Tell whether a push of this provider is among them."""
        return (
            self.meets(push.kind, provider, push.topic)
            and (not self.surfaces or push.surface in self.surfaces)
            and (not self.classes or push.content_class in self.classes)
            and (not self.minors or push.minors in self.minors)
        )

    def meets(self, kind: str, provider: str, topic: str | None) -> bool:
        """Tell whether a kind, a provider and a topic are among them, whatever else is asked."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.providers or provider in self.providers)
            and (not self.topics or topic in self.topics)
        )

    def is_all_of(self, kind: ContentKind) -> bool:
        """Tell whether every push of a kind is among them, whatever else it is."""
        narrow = (self.surfaces, self.providers, self.topics, self.classes, self.minors)
        return not any(narrow) and (not self.kinds or kind in self.kinds)


EVERY_PUSH: Final = Covers()
A_DAY: Final = Calendar(CalendarUnit.DAY)
EACH_RECIPIENT: Final = (Per.RECIPIENT,)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` of the pushes that it covers, in a window, counted per what `per` names.

    Named without the recipient it counts the popups to all recipients together: none named, all
    that it covers in one count. A gap has limit 1, quiet hours 0. `source` says where the number
    comes from; `house` marks a choice of ours. It binds from `effective_from` on; None: from when
    its policy is published.

    With `percent` it is a share: so many of a hundred of the surface's pushes, this one included,
    which are taken as no fewer than `limit`. Of `limit`, `broadcast` is kept for pushes that name
    no recipients, so that with both nobody gets more.
    """

    id: str
    limit: int
    window: Window
    covers: Covers = EVERY_PUSH
    per: tuple[Per, ...] = EACH_RECIPIENT
    over: Over = Over.DROP
    mode: Mode = Mode.ENFORCE
    source: str = ""
    house: bool = True
    effective_from: datetime | None = None
    counts: Counts = Counts.POPUPS
    percent: int | None = None
    broadcast: int = 0

    @property
    def own_limit(self) -> int:
        """How many pushes that name their recipients it allows each of them."""
        return self.limit - self.broadcast

    @property
    def counts_pushes(self) -> bool:
        """Whether it counts pushes as they are released, not whom they reach."""
        return self.counts is Counts.PUSHES

    def allowed_of(self, pushes: int) -> int:
        """Return how many it allows where the surface has so many pushes in its window."""
        if self.percent is None:
            return self.limit
        return self.percent * max(pushes, self.limit) // 100

    @property
    def is_counted(self) -> bool:
        """Whether it takes slots; quiet hours do not."""
        return not isinstance(self.window, QuietHours)

    @property
    def is_each_recipients(self) -> bool:
        """Whether each recipient has a count of its own; else all have one together."""
        return Per.RECIPIENT in self.per

    @property
    def binds(self) -> bool:
        """Whether it stops pushes; a shadow cap never does."""
        return self.mode is Mode.ENFORCE

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether its day has come."""
        return self.effective_from is None or self.effective_from <= at


@dataclass(frozen=True, slots=True)
class DailyCap:
    """A cap as it was stored while policies knew calendar days alone; facts of then hold it."""

    id: str
    surface: str | None
    kind: ContentKind | None
    limit: int
    source: str
    house: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A published version of all caps."""

    version: str
    caps: tuple[Cap, ...]
