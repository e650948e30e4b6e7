"""What a replay is told of sends of the past, and what it tells of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.frequency.bearing import Sending

FALLBACK_ZONE: Final = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class PastPush:
    """A push that was released, or asked to be; ids order what asks at once."""

    id: str
    at: datetime
    expires_at: datetime
    sending: Sending


@dataclass(frozen=True, slots=True)
class AtRelease:
    """What caps of pushes say of one.

    `left_out_by` is the cap over which it reaches nobody, `goes_at` when it goes if not at once,
    `shadows` the shadow caps that would have stopped it, `let` the exemptions that have let it
    through.
    """

    left_out_by: str | None = None
    goes_at: datetime | None = None
    shadows: tuple[str, ...] = ()
    let: tuple[str, ...] = ()


AT_ONCE: Final = AtRelease()


@dataclass(frozen=True, slots=True)
class Asked:
    """Recipients of one batch that ask for a slot at one moment; ids order what asks at once.

    `left_out` are those whom the caps of that time have stopped, or made wait; `sender` is for
    sums alone. `weighed` is what caps of pushes say of its push. `unfetched` tells until when a
    popup lay in an inbox that was put there then: who is not among it has fetched it at once.
    """

    id: str
    at: datetime
    expires_at: datetime
    sending: Sending
    tokens: tuple[str, ...]
    left_out: frozenset[str] = frozenset()
    sender: str = ""
    weighed: AtRelease = AT_ONCE
    unfetched: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Met:
    """What recipients of a batch met when they asked at `at`, perhaps not for the first time.

    `capped` has the cap that left somebody out for good, `shadowed` how many of those granted
    each shadow cap would have stopped, `waiting` who has to ask again at `again`. `exempted` is
    how many of those granted each exemption has let through, `replaced` whose older popup was
    taken back for one of them: of which batch, and over which cap.
    """

    asked: Asked
    at: datetime
    granted: tuple[str, ...]
    capped: Mapping[str, str] = field(default_factory=dict)
    shadowed: Mapping[str, int] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    again: datetime | None = None
    exempted: Mapping[str, int] = field(default_factory=dict)
    replaced: tuple[tuple[Asked, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Zones:
    """Time zones: of surfaces by id, and by surface of the recipients who chose their own."""

    surfaces: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, surface: str) -> str:
        """Return the time zone of a surface."""
        return self.surfaces.get(surface, FALLBACK_ZONE)

    def grouped(self, surface: str, tokens: Sequence[str]) -> dict[str, Sequence[str]]:
        """Return recipients of a surface by time zone, the zones in order."""
        usual = self.of(surface)
        own = self.own.get(surface)
        if not own:
            return {usual: tokens}
        found: dict[str, list[str]] = {}
        for token in tokens:
            found.setdefault(own.get(token, usual), []).append(token)
        return dict(sorted(found.items()))
