"""Which caps of a policy bear on a push at a moment, exemptions of then included."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.exemptions import Exemption, eased, live
from app.domain.policy import Cap, Over
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency.keys import block_place
from app.frequency.tallies import Tally, tally
from app.frequency.totals import Total, total
from app.frequency.windows import Scope


@dataclass(frozen=True, slots=True)
class Sending:
    """What caps may ask of a push; its names are those of `PushRequest`, beside the provider."""

    kind: ContentKind
    surface: str
    provider: str
    topic: str | None
    content_class: ContentClass | None
    minors: MinorsAudience

    @property
    def scope(self) -> Scope:
        """What counts may be kept for."""
        return Scope(self.provider, self.kind, self.topic, self.surface)


class Exempting:
    """Which exemptions bear on a push, and the caps as they have eased them."""

    def __init__(self, exemptions: Iterable[Exemption] = ()) -> None:
        """Hold exemptions of any time."""
        self._all = tuple(exemptions)
        self._edges = sorted({edge for one in self._all for edge in (one.starts_at, one.ends_at)})

    def span(self, at: datetime) -> int:
        """Return the number of a span of time in which none begins or ends."""
        return bisect_right(self._edges, at)

    def eased(
        self, caps: Iterable[Cap], sending: Sending, at: datetime
    ) -> tuple[list[Cap], dict[str, str]]:
        """Return caps as they bear on a push, and by cap the exemption that has eased it."""
        about = [
            one
            for one in live(self._all, at)
            if one.pushes.include(sending.surface, sending.provider, sending.topic)
        ]
        return eased(caps, about)


@dataclass(frozen=True, slots=True)
class Bearing:
    """What bears on sends of one kind: quiet hours, and counts with what they are kept for.

    What counts all recipients together stands in the order in which the ledger asks for it, and
    apart where it asks anew; `let` has the exemption by the caps that it has eased, `binding` the
    caps that would bind without one.
    """

    quiet: tuple[Cap, ...]
    own: tuple[tuple[Tally, str, Cap], ...]
    together: tuple[tuple[tuple[Total, str, Cap], ...], ...]
    let: Mapping[str, str]
    binding: frozenset[str]
    replaces: bool


class Bearings:
    """All counts under a policy, and what of it bears on whom."""

    def __init__(self, caps: Iterable[Cap], exemptions: Iterable[Exemption]) -> None:
        """Begin with nothing counted; caps of pushes are left aside (`release_replay`)."""
        self._caps = [replace(one, effective_from=None) for one in caps if not one.counts_pushes]
        counted = [cap for cap in self._caps if cap.is_counted]
        self._own = {cap.id: tally(cap) for cap in counted if cap.is_each_recipients}
        self._together = {cap.id: total(cap) for cap in counted if not cap.is_each_recipients}
        self._exempting = Exempting(exemptions)
        self._known: dict[tuple[Sending, int], Bearing] = {}

    def on(self, sending: Sending, at: datetime) -> Bearing:
        """Return what bears on a push at an instant."""
        name = (sending, self._exempting.span(at))
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._bearing(sending, at)
        return known

    def _bearing(self, sending: Sending, at: datetime) -> Bearing:
        covering = [one for one in self._caps if one.covers.holds_for(sending, sending.provider)]
        caps, let = self._exempting.eased(covering, sending, at)
        scope = sending.scope
        own = [cap for cap in caps if cap.id in self._own]
        return Bearing(
            tuple(cap for cap in caps if not cap.is_counted),
            tuple((self._own[c.id], sending.surface + scope.suffix(c.per), c) for c in own),
            self._blocks([cap for cap in caps if cap.id in self._together], scope),
            let,
            frozenset(cap.id for cap in covering if cap.binds),
            any(cap.binds and cap.over is Over.REPLACE for cap in own),
        )

    def _blocks(
        self, caps: Sequence[Cap], scope: Scope
    ) -> tuple[tuple[tuple[Total, str, Cap], ...], ...]:
        by_bucket: dict[int, list[tuple[Total, str, Cap]]] = {}
        for cap in caps:
            subject = scope.suffix(cap.per)
            bucket, _ = block_place(cap.id, subject)
            by_bucket.setdefault(bucket, []).append((self._together[cap.id], subject, cap))
        return tuple(tuple(found) for _, found in sorted(by_bucket.items()))
