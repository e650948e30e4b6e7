"""The stories of past pushes in memory, and what was pushed before a given push."""

import sys
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from app.domain.facts import EarlierPush, HistoryFacts
from app.domain.push import ContentKind, PushRequest
from app.domain.values import dataclass
from app.pushes.history_repository import GONE, RELEASED, PastPush
from app.screening.likeness import LikenessIndex, Story
from app.screening.retelling import retelling

_KINDS = tuple(kind.value for kind in ContentKind)
# Advertisements are kept for their number alone: nobody asks whether news repeats one.
_NOT_COMPARED = Story("", "")
_MOST_TOLD = 3
# The likest; what is less like than so many that tell another thing is of a series.
_MOST_READ = 4
# Of those that are hardly alike: told in other words, a story is still the likest of all.
_MOST_READ_AFAR = 3
# What is less like than this in percent is not retold, whatever its numbers.
_LIKE_AT_ALL = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """For which push is asked; `least` and `topic_least` are likenesses in percent.

    `push_id` is empty for one that is not stored yet; `zone` is the surface's time zone.
    """

    push_id: str
    request: PushRequest
    zone: str
    now: datetime
    days: int
    least: int
    topic_least: int


@dataclass(slots=True)
class _Kept:
    """What is kept of a past push beside its story."""

    push_id: str
    root_id: str
    surface: str
    topic: str | None
    kind: str
    submitted_at: datetime
    state: str


class Past:
    """Past pushes, each with a number; an older one is never forgotten, so start anew daily."""

    def __init__(self) -> None:
        self._index = LikenessIndex()
        self._kept: list[_Kept] = []
        self._numbers: dict[str, int] = {}
        self._on_topic: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._released: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)

    def __len__(self) -> int:
        """Return how many pushes are kept."""
        return len(self._kept)

    def take(self, past: PastPush) -> bool:
        """Take in a push, or what has become of it; tell whether that was new."""
        number = self._numbers.get(past.push_id)
        if number is not None:
            return self._became(self._kept[number], past.state, past.changed_at)
        is_compared = past.kind != ContentKind.ADVERTISEMENT
        number = self._index.add(Story(past.title, past.text) if is_compared else _NOT_COMPARED)
        own_root = past.root_id == past.push_id
        kept = _Kept(
            past.push_id,
            past.push_id if own_root else past.root_id,
            sys.intern(past.surface_id),
            None if past.topic is None else sys.intern(past.topic),
            sys.intern(past.kind),
            past.submitted_at,
            "",
        )
        self._kept.append(kept)
        self._numbers[past.push_id] = number
        if kept.topic is not None:
            self._on_topic[kept.surface, kept.topic].append(number)
        return self._became(kept, past.state, past.changed_at)

    def became(self, push_id: str, state: str, at: datetime) -> None:
        """Note that a push went out or never will."""
        number = self._numbers.get(push_id)
        if number is not None:
            self._became(self._kept[number], state, at)

    def before(self, asked: Asked) -> HistoryFacts:
        """Return what was pushed before a push; up to a millisecond for news.

        Only news is compared: of other kinds nobody asks whether they were told before.
        """
        own = self._numbers.get(asked.push_id)
        counts = self._counting(asked, own)
        like: dict[int, int] = {}
        retold: tuple[EarlierPush, ...] = ()
        if asked.request.kind is ContentKind.NEWS:
            story = Story.told_by(asked.request.title, asked.request.body)
            like = {
                number: score
                for number, score in self._index.like(story, min(_LIKE_AT_ALL, asked.topic_least))
                if counts(number)
            }
            retold = self._retold(like, story, asked)
        start = _start_of_day(asked.now, asked.zone)
        released = self._released_since(asked.request.surface, start)
        if own is not None and self._kept[own].state == RELEASED:
            released[self._kept[own].kind] = max(0, released[self._kept[own].kind] - 1)
        return HistoryFacts(
            retold=retold,
            on_topic=len(self._of_topic(like, asked, counts, start)),
            news_today=released[ContentKind.NEWS],
            advertisements_today=released[ContentKind.ADVERTISEMENT],
            general_today=released[ContentKind.GENERAL],
        )

    def _became(self, kept: _Kept, state: str, at: datetime) -> bool:
        if kept.state in {state, RELEASED, GONE}:
            return False
        kept.state = sys.intern(state)
        if state == RELEASED:
            insort(self._released[kept.surface, kept.kind], at)
        return True

    def _retold(self, like: dict[int, int], story: Story, asked: Asked) -> tuple[EarlierPush, ...]:
        found = (
            EarlierPush(kept.push_id, score, kept.submitted_at, kept.state == RELEASED)
            for place, (number, alike) in enumerate(islice(like.items(), _MOST_READ))
            if alike >= asked.least or place < _MOST_READ_AFAR
            for score in (retelling(story, self._index.story(number), asked.least),)
            if score
            for kept in (self._kept[number],)
        )
        return tuple(islice(found, _MOST_TOLD))

    def _of_topic(
        self, like: dict[int, int], asked: Asked, counts: Callable[[int], bool], start: datetime
    ) -> set[int]:
        """Return the pushes since the day began that are on the topic, by name or by likeness."""
        found = {number for number, score in like.items() if score >= asked.topic_least}
        named = self._on_topic.get((asked.request.surface, asked.request.topic or ""), [])
        for number in reversed(named):
            if self._kept[number].submitted_at < start:
                break
            if counts(number):
                found.add(number)
        return {number for number in found if self._kept[number].submitted_at >= start}

    def _counting(self, asked: Asked, own: int | None) -> Callable[[int], bool]:
        """Return what tells whether a push was there before, on the surface, and not replaced."""
        surface, root = asked.request.surface, self._root(asked, own)
        before = asked.now if own is None else self._kept[own].submitted_at
        oldest = asked.now - timedelta(days=asked.days)

        def counts(number: int) -> bool:
            kept = self._kept[number]
            return (
                number != own
                and kept.state != GONE
                and kept.surface == surface
                and oldest <= kept.submitted_at <= before
                and kept.root_id != root
            )

        return counts

    def _root(self, asked: Asked, own: int | None) -> str:
        """Return the first push of the chain of replacements that the push stands in."""
        if own is not None:
            return self._kept[own].root_id
        replaced = asked.request.replaces or ""
        number = self._numbers.get(replaced)
        return replaced if number is None else self._kept[number].root_id

    def _released_since(self, surface: str, start: datetime) -> dict[str, int]:
        counts = {}
        for kind in _KINDS:
            times = self._released.get((surface, kind), ())
            counts[kind] = len(times) - bisect_left(times, start)
        return counts


def _start_of_day(now: datetime, zone: str) -> datetime:
    return _start_in(now.replace(second=0, microsecond=0), zone)


@lru_cache(maxsize=64)
def _start_in(minute: datetime, zone: str) -> datetime:
    """Return it in UTC, like the instants that it is compared with."""
    return minute.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0).astimezone(UTC)
