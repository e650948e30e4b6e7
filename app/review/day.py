"""A reviewer's own day: what was done, how long without a pause, how much of it was hard to see."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from app.clock import BEIJING, Clock
from app.db.session import Database, Tx
from app.domain.decision import Topic
from app.errors import FieldProblem, Invalid, Words
from app.review import day_repository as rows
from app.review.day_repository import BREAK_AFTER, MOST_SEVERE, Done, Habits
from app.review.pace import percentile
from app.review.stretches import Break, at_desk_since, pauses
from app.rules.catalogue import CATALOGUE

SEVERE: Final = frozenset(
    rule.id
    for rule in CATALOGUE
    if rule.topic in {Topic.PROHIBITED_CONTENT, Topic.UNDESIRABLE_CONTENT, Topic.MINORS}
)
"""Rules whose holds mean that somebody has to look at what is hard to look at."""
AGREEMENT_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the desk says to somebody at work; all of it empty most of the time.

    `minutes` at the desk once they are more than the person chose, `severe` items once they are
    as many as the budget, `on_break` since when they pause.
    """

    minutes: int = 0
    severe: int = 0
    on_break: datetime | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """Today of Beijing; `median` seconds a ticket, `since` when at the desk without a pause."""

    done: Done
    median: int | None
    since: datetime | None
    breaks: tuple[Break, ...]
    severe: int
    overruled: int
    habits: Habits


class OwnDays:
    """Answers for one person at a time; what the page shows of others is the lead's board."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Nobody has been prompted yet."""
        self._db = db
        self._clock = clock
        self._prompts: dict[str, tuple[datetime, Prompt]] = {}

    async def today(self, staff_id: str) -> Day:
        """Return somebody's day."""
        now = self._clock.now()
        return await self._db.read(lambda tx: _day(tx, staff_id, now))

    async def prompt(self, staff_id: str) -> Prompt:
        """Return what to say to somebody, as of half a minute ago at most."""
        now = self._clock.now()
        held = self._prompts.get(staff_id)
        if held is not None and timedelta(0) <= now - held[0] < _KEPT:
            return held[1]
        day = await self._db.read(lambda tx: _day(tx, staff_id, now))
        prompt = _prompt(day, now)
        self._prompts[staff_id] = (now, prompt)
        return prompt

    async def set_habits(self, staff_id: str, habits: Habits) -> None:
        """Note how somebody wants the desk; Invalid for numbers that nobody can choose."""
        _check(habits)
        await self._db.write(lambda tx: rows.set_habits(tx, staff_id, habits))
        self._prompts.pop(staff_id, None)

    async def switch(self, staff_id: str, name: str) -> None:
        """Turn `blur` or `grey` to its other side."""

        def work(tx: Tx) -> None:
            habits = rows.habits_of(tx, staff_id)
            changed = replace(habits, blur=not habits.blur)
            if name == "grey":
                changed = replace(habits, grey=not habits.grey)
            rows.set_habits(tx, staff_id, changed)

        await self._db.write(work)

    async def begin_break(self, staff_id: str) -> bool:
        """Note that somebody pauses; False if they do already."""
        now = self._clock.now()
        begun = await self._db.write(lambda tx: rows.begin_break(tx, staff_id, now))
        self._prompts.pop(staff_id, None)
        return begun

    async def end_break(self, staff_id: str) -> bool:
        """Note that somebody is back; False if they did not pause."""
        now = self._clock.now()
        ended = await self._db.write(lambda tx: rows.end_break(tx, staff_id, now))
        self._prompts.pop(staff_id, None)
        return ended


_KEPT: Final = timedelta(seconds=30)


def _day(tx: Tx, staff_id: str, now: datetime) -> Day:
    begin = datetime.combine(now.astimezone(BEIJING).date(), time(), BEIJING)
    done, told = rows.done(tx, staff_id, begin), rows.breaks_of(tx, staff_id, begin)
    return Day(
        done=done,
        median=percentile(done.seconds, 50),
        since=at_desk_since(done.at, told, now),
        breaks=pauses(done.at, told),
        severe=sum(often for rules, often in done.held_for if rules & SEVERE),
        overruled=rows.overruled(tx, staff_id, now - timedelta(days=AGREEMENT_DAYS)),
        habits=rows.habits_of(tx, staff_id),
    )


def _prompt(day: Day, now: datetime) -> Prompt:
    habits = day.habits
    lasting = next((one.began_at for one in day.breaks if one.ended_at is None), None)
    minutes = 0 if day.since is None else int((now - day.since).total_seconds() // 60)
    spent = bool(habits.most_severe) and day.severe >= habits.most_severe
    return Prompt(
        minutes=minutes if habits.break_after and minutes >= habits.break_after else 0,
        severe=day.severe if spent else 0,
        on_break=lasting,
    )


def _check(habits: Habits) -> None:
    problems = []
    if habits.break_after not in BREAK_AFTER:
        words = Words("请从列出的时长中选择", "Choose one of the times that are listed")
        problems.append(FieldProblem("/break_after", "unknown", words))
    if not 0 <= habits.most_severe <= MOST_SEVERE:
        words = Words(f"须为 0 到 {MOST_SEVERE} 的整数", f"A whole number from 0 to {MOST_SEVERE}")
        problems.append(FieldProblem("/most_severe", "bad_number", words))
    if problems:
        raise Invalid(problems=tuple(problems))
