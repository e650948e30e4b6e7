"""The lead's board: what the desk did in a time, by hours or days of Beijing, people and rules."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final

from app.clock import BEIJING
from app.db.session import Database, Tx
from app.review import board_repository as rows
from app.review.board_repository import Days, Flow, Speed
from app.review.pace import percentile

MOST_DAYS: Final = 31
HOURLY_DAYS: Final = 2
CRIES_WOLF_FROM: Final = 20
CRIES_WOLF_BELOW: Final = 20
"""A rule of so many holds cries wolf if fewer than so many of a hundred were upheld."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """An hour or a day: the deepest queue, the longest wait (s), what was ruled and missed."""

    label: str
    depth: int
    oldest: int
    verdicts: Mapping[str, int]
    late: int
    expired: int


@dataclass(frozen=True, slots=True)
class Person:
    """What one person (`staff:…`) ruled, how long a ticket took (s), how often too fast to read.

    `timed` rulings have a known beginning; those of before it was noted have none.
    """

    person: str
    verdicts: Mapping[str, int]
    median: int | None
    timed: int
    too_fast: int
    claims: int

    @property
    def ruled(self) -> int:
        """How many rulings in all."""
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class JudgedRule:
    """How many holds of a rule people upheld by refusing or returning, how many they overrode."""

    rule: str
    upheld: int
    overridden: int

    @property
    def holds(self) -> int:
        """How many of its holds were ruled on."""
        return self.upheld + self.overridden

    @property
    def cries_wolf(self) -> bool:
        """Whether it mostly holds what people then let go."""
        return self.holds >= CRIES_WOLF_FROM and self.upheld * 100 < self.holds * CRIES_WOLF_BELOW


@dataclass(frozen=True, slots=True)
class BoardReport:
    """A time in steps, its people (who ruled most first) and rules (most overridden first)."""

    days: Days
    steps: tuple[Step, ...]
    people: tuple[Person, ...]
    rules: tuple[JudgedRule, ...]

    @property
    def ruled(self) -> int:
        """How many rulings in all."""
        return sum(one.ruled for one in self.people)

    @property
    def timed(self) -> int:
        """Of how many the time that they took is known."""
        return sum(one.timed for one in self.people)

    @property
    def too_fast(self) -> int:
        """How many were given faster than their text can be read."""
        return sum(one.too_fast for one in self.people)


class Board:
    """Answers what the desk did; read only."""

    def __init__(self, db: Database) -> None:
        """Hold nothing."""
        self._db = db

    async def report(self, days: Days, now: datetime) -> BoardReport:
        """Return what was done in at most `MOST_DAYS`, which begin at an hour."""

        def read(tx: Tx) -> BoardReport:
            return BoardReport(
                days, _steps(tx, days, now), _people(tx, days, now), _rules(tx, days)
            )

        return await self._db.read(read)


def depths(found: Iterable[Flow], hours: Iterable[datetime]) -> list[tuple[int, int]]:
    """Return how many were open at the beginning of each hour, and for how long (s) the oldest.

    What was opened and closed within one hour was open at no hour's beginning.
    """
    coming = sorted(found, key=lambda one: one.opened, reverse=True)
    leaving: Counter[datetime] = Counter()
    # What is there, the oldest first; who has gone is taken out once it comes to the front.
    there: list[tuple[datetime, int, datetime | None]] = []
    result, depth = [], 0
    for at in hours:
        while coming and coming[-1].opened < at:
            one = coming.pop()
            heappush(there, (one.opened, len(coming), one.closed))
            depth += one.number
            if one.closed is not None:
                leaving[one.closed] += one.number
        depth -= sum(leaving.pop(gone) for gone in [end for end in leaving if end < at])
        while there and there[0][2] is not None and there[0][2] < at:
            heappop(there)
        result.append((depth, int((at - there[0][0]).total_seconds()) if there else 0))
    return result


def _steps(tx: Tx, days: Days, now: datetime) -> tuple[Step, ...]:
    count = int((days.until - days.since) / _HOUR)
    hours = [days.since + _HOUR * n for n in range(count) if days.since + _HOUR * n <= now]
    deep = dict(zip(hours, depths(rows.flow(tx, days), hours), strict=True))
    verdicts: dict[datetime, Counter[str]] = {}
    for one in rows.ruled(tx, days):
        verdicts.setdefault(one.hour, Counter())[one.verdict] += one.number
    missed = {one.hour: one for one in rows.missed(tx, days)}
    steps = []
    for label, inside in _grouped(hours, hourly=count <= HOURLY_DAYS * 24):
        ruled = sum((verdicts.get(at, Counter()) for at in inside), Counter[str]())
        gone = [missed[at] for at in inside if at in missed]
        steps.append(
            Step(
                label,
                max(deep[at][0] for at in inside),
                max(deep[at][1] for at in inside),
                ruled,
                sum(one.late for one in gone),
                sum(one.expired for one in gone),
            )
        )
    return tuple(steps)


def _grouped(hours: Iterable[datetime], *, hourly: bool) -> list[tuple[str, list[datetime]]]:
    found: dict[str, list[datetime]] = {}
    form = "%m-%d %H" if hourly else "%m-%d"
    for at in hours:
        found.setdefault(at.astimezone(BEIJING).strftime(form), []).append(at)
    return list(found.items())


def _people(tx: Tx, days: Days, now: datetime) -> tuple[Person, ...]:
    given, claims = rows.verdicts(tx, days), rows.claims_now(tx, now)
    speeds: dict[str, list[Speed]] = {}
    for one in rows.speeds(tx, days):
        speeds.setdefault(one.reviewer, []).append(one)
    everybody = dict.fromkeys([*given, *(f"staff:{one}" for one in claims)])
    people = [
        Person(
            person,
            given.get(person, Counter()),
            percentile([(one.seconds, one.often) for one in speeds.get(person, [])], 50),
            sum(one.often for one in speeds.get(person, [])),
            sum(one.too_fast for one in speeds.get(person, [])),
            claims.get(person.removeprefix("staff:"), 0),
        )
        for person in everybody
    ]
    return tuple(sorted(people, key=lambda one: (-one.ruled, one.person)))


def _rules(tx: Tx, days: Days) -> tuple[JudgedRule, ...]:
    overridden, upheld = rows.judged_rules(tx, days)
    found = [JudgedRule(rule, upheld[rule], overridden[rule]) for rule in {**overridden, **upheld}]
    return tuple(sorted(found, key=lambda one: (-one.overridden, one.rule)))
