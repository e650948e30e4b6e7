"""The parity report: do groups of recipients get the same? Who is in which group is kept nowhere.

The law forbids to treat paying and ordinary recipients differently. The policy cannot, its
language has no word for them; a sender that chooses audiences could, and this shows it.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.clock import Clock, beijing_day
from app.db.session import Database, Tx
from app.delivery.outcomes import USED, Outcome
from app.delivery.sent_repository import SentBatch, sent_batches
from app.domain.comparison import Compared, corrected, mean_score_test
from app.domain.parity import Roll, read_roll
from app.domain.push import ContentKind
from app.errors import FieldProblem, Invalid, Words
from app.providers.register import Surface
from app.reports.parity_words import file_problems

LONGEST_DAYS: Final = 92
_EARLIEST: Final = date(2020, 1, 1)
LEVEL: Final = 0.05
"""How rarely all tests of a report together cry wolf where nothing differs."""
MEASURES: Final = ("addressed", "got", "news", "advertisement", "general", "capped")
_OF_KIND: Final = {kind.value: MEASURES.index(kind.value) for kind in ContentKind}
_ADDRESSED, _GOT, _CAPPED = (MEASURES.index(name) for name in ("addressed", "got", "capped"))


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing that was compared: how much of it each group got, and what the test says.

    `verdict` is alike, differs or too_few; `p` is corrected for all tests of the report.
    """

    name: str
    totals: tuple[int, ...]
    p: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ParityReport:
    """Groups with their sizes, and what was compared, over whole days of the surface's zone."""

    surface_id: str
    first: date
    last: date
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    measures: tuple[Measured, ...]

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return self.verdict == "differs"

    @property
    def verdict(self) -> str:
        """What is to be said of all of it: differs, alike, or too_few where nothing was tested."""
        found = {one.verdict for one in self.measures}
        return next(one for one in ("differs", "alike", "too_few") if one in found)


class Parity:
    """Makes reports; of the file only what was counted outlives the call."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read the outbox, and write into the ledger who asked."""
        self._db = db
        self._clock = clock

    async def compare(
        self, actor: Actor, surface: Surface, first: date, last: date, lines: Iterable[bytes]
    ) -> ParityReport:
        """Compare what the groups got on a surface from one day to another, both included.

        Raises Invalid for days that cannot be, and naming each bad line of the file.
        """
        _check_days(first, last, beijing_day(self._clock.now()))
        roll, faults = await asyncio.to_thread(read_roll, lines)
        if faults:
            raise Invalid(problems=file_problems(faults))
        zone = ZoneInfo(surface.time_zone)
        since, until = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
        counts = await self._count(surface.id, since, until, roll)
        report = await asyncio.to_thread(_report, surface.id, first, last, roll, counts)

        def note(tx: Tx) -> None:
            now = self._clock.now()
            record(tx, now, AuditKind.PARITY_COMPARED, actor, surface.id, **_summary(report))

        await self._db.write(note)
        return report

    async def _count(
        self, surface_id: str, since: datetime, until: datetime, roll: Roll
    ) -> list[list[int]]:
        """Return by measure how much each member got, in the order of the roll."""
        place = {token: at for at, token in enumerate(roll.members)}
        counts = [[0] * len(place) for _ in MEASURES]
        after = ""
        while True:
            page = await self._db.read(partial(_page, surface_id, since, until, after))
            if not page:
                return counts
            for batch in page:
                _add(counts, place, batch)
            after = page[-1].id


def _page(surface_id: str, since: datetime, until: datetime, after: str, tx: Tx) -> list[SentBatch]:
    return sent_batches(tx, surface_id, since, until, after)


def _add(counts: list[list[int]], place: dict[str, int], batch: SentBatch) -> None:
    kind = _OF_KIND[batch.kind]
    for token, letter in zip(batch.recipients, batch.outcomes, strict=True):
        at = place.get(token)
        if at is None:
            continue
        counts[_ADDRESSED][at] += 1
        if letter in USED:
            counts[_GOT][at] += 1
            counts[kind][at] += 1
        elif letter == Outcome.CAPPED:
            counts[_CAPPED][at] += 1


def _report(
    surface_id: str, first: date, last: date, roll: Roll, counts: list[list[int]]
) -> ParityReport:
    tallies = [[Counter[int]() for _ in roll.groups] for _ in MEASURES]
    for at, group in enumerate(roll.members.values()):
        for measure, values in enumerate(counts):
            tallies[measure][group][values[at]] += 1
    tested = corrected([mean_score_test(groups) for groups in tallies])
    return ParityReport(
        surface_id=surface_id,
        first=first,
        last=last,
        groups=roll.groups,
        sizes=roll.sizes,
        measures=tuple(
            Measured(name, tuple(map(_total, groups)), one.p, _verdict(one))
            for name, groups, one in zip(MEASURES, tallies, tested, strict=True)
        ),
    )


def _total(tally: Counter[int]) -> int:
    return sum(value * number for value, number in tally.items())


def _verdict(one: Compared) -> str:
    if one.p is None:
        return "too_few"
    return "differs" if one.p < LEVEL else "alike"


def said_p(p: float) -> str:
    """Return a probability as people write it: three decimals, or below a thousandth."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"  # noqa: PLR2004 - what it says


def _summary(report: ParityReport) -> dict[str, object]:
    """Return what the ledger keeps: sums by group and what the tests said, nobody's token."""
    return {
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "groups": dict(zip(report.groups, report.sizes, strict=True)),
        "measures": {
            one.name: {
                "totals": list(one.totals),
                "verdict": one.verdict,
                "p": None if one.p is None else said_p(one.p),
            }
            for one in report.measures
        },
    }


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _check_days(first: date, last: date, today: date) -> None:
    # Somewhere it is tomorrow already; nothing was sent before there was a gateway.
    if not (first >= _EARLIEST and last <= today + timedelta(days=1)):
        words = Words(
            f"日期须在 {_EARLIEST} 至今天之间", f"The days are between {_EARLIEST} and today"
        )
        pointer = "/first" if first < _EARLIEST else "/last"
        raise Invalid(problems=(FieldProblem(pointer, "out_of_range", words),))
    if first > last:
        words = Words("结束日不能早于起始日", "The last day is not before the first")
        raise Invalid(problems=(FieldProblem("/last", "ends_before", words),))
    if (last - first).days >= LONGEST_DAYS:
        words = Words(f"最多 {LONGEST_DAYS} 天", f"At most {LONGEST_DAYS} days")
        raise Invalid(problems=(FieldProblem("/last", "too_long", words),))
