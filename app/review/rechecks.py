"""Judging rulings again afterwards: a share of them by chance, and those that came too fast."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.decision import RulingVerdict
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.review import recheck_repository as rows
from app.review.agreement import Compared
from app.review.haste import STREAK, Given, is_streak, is_too_fast
from app.review.recheck_repository import Recheck
from app.review.ruling_repository import StoredRuling, rulings_by
from app.review.states import Reviewer

SAMPLE: Final = "sample"
FAST: Final = "fast"
STREAK_OF: Final = "streak"
LONGEST_REASON: Final = 500
_SAMPLED: Final = frozenset({RulingVerdict.APPROVE, RulingVerdict.REFUSE})


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of how well people rule since `since`."""

    since: datetime
    waiting: int
    given: tuple[tuple[str, RulingVerdict, int], ...]
    marked: tuple[tuple[str, str, int], ...]
    done: tuple[tuple[Recheck, StoredRuling], ...]
    pairs: tuple[Compared, ...]

    @property
    def sampled(self) -> list[Compared]:
        """What two persons said of the same push, where chance chose it or two were needed.

        What came too fast is left out: it was chosen because it looked bad.
        """
        chosen = [
            Compared(one.reviewer, ruling.ruling.verdict, one.by_person or "", one.verdict)
            for one, ruling in self.done
            if one.cause == SAMPLE and one.verdict is not None
        ]
        return [*chosen, *self.pairs]


class Rechecks:
    """Rulings that a second person judges without knowing them; nothing is undone by it."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read and write the database only."""
        self._db = db
        self._clock = clock

    async def next(self, reviewer: Reviewer) -> Recheck | None:
        """Return the oldest that this person may do, None if there is none."""
        return await self._db.read(lambda tx: rows.next_recheck(tx, reviewer))

    async def waiting(self, reviewer: Reviewer) -> int:
        """Return how many wait for this person."""
        return await self._db.read(lambda tx: rows.count_waiting(tx, reviewer))

    async def get(self, recheck_id: str, reviewer: Reviewer) -> tuple[Recheck, StoredRuling]:
        """Return one that is this person's to do or that they have done; NotFound, Forbidden."""

        def work(tx: Tx) -> tuple[Recheck, StoredRuling]:
            return _open_to(tx, recheck_id, reviewer)

        return await self._db.read(work)

    async def judge(
        self, recheck_id: str, reviewer: Reviewer, verdict: RulingVerdict, reason: str
    ) -> None:
        """Write what this person would have ruled.

        Invalid without a reason, Forbidden for whoever has ruled on it or is tied, Conflict where
        somebody else was first.
        """
        said = reason.strip()
        if not said or len(said) > LONGEST_REASON:
            words = Words(
                f"请填写理由，最多 {LONGEST_REASON} 个字",
                f"A reason is required, of at most {LONGEST_REASON} characters",
            )
            raise Invalid(problems=(FieldProblem("/reason", "required", words),))

        def work(tx: Tx) -> None:
            one, ruling = _open_to(tx, recheck_id, reviewer)
            if one.done_at is not None:
                words = Words("您已完成这次复审", "You have done this recheck")
                raise Conflict(words, code="recheck_done")
            now = self._clock.now()
            rows.finish(tx, recheck_id, reviewer.person, verdict, said, now)
            actor = Actor(ActorKind.STAFF, reviewer.staff_id)
            noted = {
                "push": one.push_id,
                "ruling": one.ruling_id,
                "ruled": ruling.ruling.verdict.value,
                "verdict": verdict.value,
                "reason": said,
            }
            record(tx, now, AuditKind.RECHECK_DONE, actor, recheck_id, **noted)

        await self._db.write(work)

    async def quality(self, days: int) -> Quality:
        """Return how well people have ruled in the last days."""
        since = self._clock.now() - timedelta(days=days)

        def work(tx: Tx) -> Quality:
            return Quality(
                since,
                rows.count_waiting(tx),
                tuple(rows.given_since(tx, since)),
                tuple(rows.marked_since(tx, since)),
                tuple(rows.done_since(tx, since)),
                tuple(rows.pairs_since(tx, since)),
            )

        return await self._db.read(work)


def take_for_recheck(
    tx: Tx, stored: Sequence[StoredRuling], letters: int, percent: int, now: datetime
) -> None:
    """Take rulings that have just been given for a recheck, if chance or their pace says so.

    Where two have ruled already, chance takes none. What one of two gave may stand a second time,
    after the other has taken theirs back, and is taken once.
    """
    share = 0 if len(stored) > 1 else percent
    before = rows.taken(tx, [one.ruling.id for one in stored])
    new = [one for one in stored if one.ruling.id not in before]
    chosen = [(one, _cause(tx, one, letters, share)) for one in new]
    rows.insert_rechecks(
        tx,
        [
            Recheck(
                new_id("rck"), one.ruling.id, one.ticket_id, one.ruling.push_id,
                one.ruling.reviewer, cause, now,
            )
            for one, cause in chosen
            if cause
        ],
    )  # fmt: skip


def _cause(tx: Tx, stored: StoredRuling, letters: int, percent: int) -> str:
    ruling = stored.ruling
    if is_too_fast(letters, stored.claimed_at, ruling.given_at):
        return FAST
    latest = [
        Given(one.ruling.verdict, one.ruling.reason, one.ruling.given_at)
        for one in rulings_by(tx, ruling.reviewer, STREAK)
    ]
    if is_streak(latest):
        return STREAK_OF
    by_chance = ruling.verdict in _SAMPLED and secrets.randbelow(100) < percent
    return SAMPLE if by_chance else ""


def _open_to(tx: Tx, recheck_id: str, reviewer: Reviewer) -> tuple[Recheck, StoredRuling]:
    found = rows.recheck_by_id(tx, recheck_id)
    if found is None:
        raise NotFound(Words("没有这次复审", "There is no such recheck"))
    one = found[0]
    if one.by_person == reviewer.person or rows.may_recheck(tx, recheck_id, reviewer):
        return found
    if one.done_at is not None:
        words = Words("这次复审已由他人完成", "Somebody else has done this recheck")
        raise Conflict(words, code="recheck_done")
    words = Words("这次复审须由他人完成", "Somebody else has to do this recheck")
    raise Forbidden(words)
