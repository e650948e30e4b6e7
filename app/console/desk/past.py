"""What was decided and ruled on a push so far, in words."""

from dataclasses import dataclass
from datetime import datetime

from app.console.desk.names import Names
from app.console.texts import Texts
from app.pushes.records import StoredDecision
from app.pushes.stored import decision_from
from app.review.ruling_repository import StoredRuling


@dataclass(frozen=True, slots=True)
class PastRuling:
    """A ruling in words; what was checked by hand stands in the reason.

    `part` is what became of it among several: undone, overruled, arbiter, sealed, or nothing.
    """

    id: str
    verdict: str
    reviewer: str
    clause: str
    reason: str
    clears: tuple[str, ...]
    given_at: datetime
    standing: bool
    ended_at: datetime | None
    part: str


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One of the gateway's decisions about the push."""

    number: int
    stage: str
    verdict: str
    findings: int
    rule_set: str
    decided_at: datetime


def past_rulings(given: tuple[StoredRuling, ...], names: Names, t: Texts) -> tuple[PastRuling, ...]:
    """Return rulings in words, the first first."""
    arbiters = {one.overruled_by for one in given}
    return tuple(past_ruling(one, names, t, _part(one, arbiters)) for one in given)


def past_ruling(stored: StoredRuling, names: Names, t: Texts, part: str = "") -> PastRuling:
    """Return a ruling in words."""
    ruling = stored.ruling
    return PastRuling(
        id=ruling.id,
        verdict=ruling.verdict.value,
        reviewer=names.person(ruling.reviewer, t),
        clause=ruling.clause or "",
        reason=ruling.reason,
        clears=ruling.clears,
        given_at=ruling.given_at,
        standing=stored.standing,
        ended_at=stored.ended_at,
        part=part,
    )


def _part(stored: StoredRuling, arbiters: set[str | None]) -> str:
    if stored.overruled_by is not None:
        return "overruled"
    if stored.ruling.id in arbiters:
        return "arbiter"
    if stored.is_sealed:
        return "sealed"
    return "" if stored.standing else "undone"


def past_decision(stored: StoredDecision) -> PastDecision:
    """Return a decision in short."""
    return PastDecision(
        number=stored.number,
        stage=stored.stage,
        verdict=stored.verdict.value,
        findings=len(decision_from(stored.decision).findings),
        rule_set=stored.rule_set,
        decided_at=stored.decided_at,
    )
