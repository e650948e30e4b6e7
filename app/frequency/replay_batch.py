"""One batch of a replay: what its recipients meet under all caps that bear on it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from app.domain.policy import Cap, Over
from app.frequency.bearing import Bearing
from app.frequency.replay_inbox import BatchState, Inboxes, Popup
from app.frequency.replayed import Asked, Met
from app.frequency.tallies import Full, Opened
from app.frequency.totals import Room, Total

_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class OfZone:
    """Recipients of one time zone, what counts them, and shadows of quiet hours."""

    tokens: Sequence[str]
    opened: Sequence[Opened]
    shadows: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shared:
    """Caps that count all recipients together, and for how many all of them have room."""

    rooms: tuple[Room, ...]
    room: int

    @classmethod
    def of(
        cls,
        together: Sequence[Sequence[tuple[Total, str, Cap]]],
        now: tuple[datetime, str],
        number: int,
    ) -> Self:
        """Ask for so much of each, in the order of the ledger, until one has none.

        `now` is the instant and the surface's time zone.
        """
        rooms: list[Room] = []
        for bucket in together:
            if not number:
                break
            found = [counts.room(*now, subject, cap) for counts, subject, cap in bucket]
            number = min([number, *(one.left for one in found if one.cap.binds)])
            rooms += found
        return cls(tuple(rooms), number)

    def full_at(self, place: int) -> Full:
        """Return which cap stops the recipient at a place (0: the first) from `room` on."""
        full = [one for one in self.rooms if one.cap.binds and one.left <= place]
        worst = max(full, key=lambda one: (one.cap.over is Over.DROP, one.until))
        return Full(worst.cap, worst.until)


@dataclass(slots=True)
class Slots:
    """What the recipients of a batch have met so far."""

    batch: Asked
    at: datetime
    bearing: Bearing
    granted: list[str] = field(default_factory=list)
    _stops: dict[str, Full] = field(default_factory=dict)
    _shadowed: Counter[str] = field(default_factory=Counter)
    _exempted: dict[str, set[str]] = field(default_factory=dict)
    _took: dict[str, list[Opened]] = field(default_factory=dict)
    _parts: list[OfZone] = field(default_factory=list)
    _replaced: list[tuple[Asked, str, str]] = field(default_factory=list)
    _spare: int = 0

    def stop(self, tokens: Iterable[str], by: Full) -> None:
        """Give no slot to any of these."""
        self._stops.update(dict.fromkeys(tokens, by))

    def ask(self, part: OfZone, shared: Shared) -> None:
        """Let recipients take a slot under all caps, or none of it, as far as there is room."""
        self._parts.append(part)
        room = shared.room
        for token in part.tokens:
            worst, takes, shadows = _examined(token, part) if room else (None, (), ())
            if worst is not None:
                self._stops[token] = worst
            elif len(self.granted) >= room:
                self._stops[token] = shared.full_at(room + self._spare)
                self._spare += 1
            else:
                self._grant(token, takes, shadows)

    def replace_older(self, inboxes: Inboxes, shared: Shared) -> None:
        """Let those who may replace take the place of an older popup, as far as there is room."""
        room = shared.room - len(self.granted)
        sending = self.batch.sending
        for part in self._parts:
            for token in part.tokens:
                stop = self._stops.get(token)
                if not room or stop is None or stop.cap.over is not Over.REPLACE:
                    continue
                full = [one for one in part.opened if one.cap.binds and one.full(token)]
                where = (sending.surface, token, sending.provider)
                older = inboxes.take_back(*where, full, self.at)
                if older is None:
                    continue
                for counted in older.counted:
                    counted.give_back(token)
                _, takes, shadows = _examined(token, part)
                del self._stops[token]
                self._grant(token, takes, shadows)
                self._replaced.append((older.batch, token, stop.cap.id))
                room -= 1

    def share(self, shared: Shared) -> None:
        """Count those who are reached where all are counted together, and note their shadows."""
        number, weighed = len(self.granted), self.batch.weighed
        for room in shared.rooms:
            room.take(number)
            if not room.cap.binds:
                for token in self.granted[room.left :]:
                    self._note(token, (room.cap.id,))
        if number:
            self._shadowed.update(dict.fromkeys(weighed.shadows, number))
            for name in weighed.let:
                self._exempted.setdefault(name, set()).update(self.granted)

    def put_into(self, inboxes: Inboxes, state: BatchState) -> None:
        """Note what now lies unfetched."""
        state.reservations += bool(self.granted)
        state.exempted = state.exempted or bool(self._exempted)
        binding, sending = self.bearing.binding, self.batch.sending
        for token in self.granted:
            until = self.batch.unfetched.get(token, self.at)
            if until > self.at:
                counted = [one for one in self._took[token] if one.cap.id in binding]
                popup = Popup(self.batch, state, sending.provider, until, counted)
                inboxes.put(sending.surface, token, popup, self.at)

    def settled(self) -> Met:
        """Tell those who are left out from those who wait for a moment before the push expires."""
        capped, deferred = {}, {}
        for token, stop in self._stops.items():
            again = max(stop.until, self.at + _MOMENT)
            if stop.cap.over is Over.DEFER and again < self.batch.expires_at:
                deferred[token] = again
            else:
                capped[token] = stop.cap.id
        return Met(
            self.batch,
            self.at,
            tuple(self.granted),
            capped,
            dict(self._shadowed),
            tuple(deferred),
            min(deferred.values(), default=None),
            {name: len(tokens) for name, tokens in self._exempted.items()},
            tuple(self._replaced),
        )

    def _grant(self, token: str, takes: Sequence[Opened], shadows: Sequence[str]) -> None:
        for one in takes:
            one.take(token)
        if shadows:
            self._note(token, shadows)
        if self.batch.unfetched:
            self._took[token] = list(takes)
        self.granted.append(token)

    def _note(self, token: str, shadows: Iterable[str]) -> None:
        let: Mapping[str, str] = self.bearing.let
        for name in shadows:
            if name in let:
                self._exempted.setdefault(let[name], set()).add(token)
            else:
                self._shadowed[name] += 1


def _examined(token: str, part: OfZone) -> tuple[Full | None, Sequence[Opened], Sequence[str]]:
    """Return what stops a recipient, what there is to take, and the shadows that are full."""
    worst, takes, shadows = None, [], list(part.shadows)
    for one in part.opened:
        full = one.full(token)
        if full is None:
            takes.append(one)
        elif not full.cap.binds:
            shadows.append(full.cap.id)
        elif worst is None or full.is_worse_than(worst):
            worst = full
    return worst, takes, shadows
