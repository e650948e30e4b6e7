"""Which pushes need two persons, and what their rulings come to."""

import pytest

from app.domain.decision import RulingVerdict
from app.domain.pairs import (
    Awaited,
    PairClasses,
    PairReason,
    PairSubject,
    outcome,
    reasons_for,
)

APPROVE, REFUSE, RETURN = RulingVerdict.APPROVE, RulingVerdict.REFUSE, RulingVerdict.RETURN
ORDINARY = PairSubject(500, False, "excluded", None, ("human-review",), 0)


def subject(**changes: object) -> PairSubject:
    values = {name: getattr(ORDINARY, name) for name in PairSubject.__dataclass_fields__}
    return PairSubject(**values | changes)


@pytest.mark.parametrize(
    ("classes", "changes", "reason"),
    [
        (PairClasses(audience_over=500), {"audience": 501}, PairReason.AUDIENCE),
        (PairClasses(audience_over=500), {"audience": None}, PairReason.AUDIENCE),
        (PairClasses(audience_over=0), {"audience": 1}, PairReason.AUDIENCE),
        (PairClasses(emergency=True), {"is_emergency": True}, PairReason.EMERGENCY),
        (PairClasses(minors=True), {"minors": "included"}, PairReason.MINORS),
        (PairClasses(minors=True), {"minors": "only"}, PairReason.MINORS),
        (PairClasses(topics=("汛情",)), {"topic": "汛情"}, PairReason.TOPIC),
        (PairClasses(rules=("rehash",)), {"holds": ("human-review", "rehash")}, PairReason.RULE),
        (PairClasses(most_refused=3), {"refused": 4}, PairReason.CREDIT),
    ],
)
def test_each_class_names_its_reason_and_no_other(
    classes: PairClasses, changes: dict[str, object], reason: PairReason
) -> None:
    risky = subject(**changes)
    assert reasons_for(classes, risky) == (reason,)
    assert reasons_for(PairClasses(), risky) == ()
    everything = PairClasses(10**9, True, True, ("汛情",), ("rehash",), 3)
    assert reason in reasons_for(everything, risky) or reason is PairReason.AUDIENCE


@pytest.mark.parametrize(
    "classes",
    [
        PairClasses(audience_over=500),
        PairClasses(emergency=True),
        PairClasses(minors=True),
        PairClasses(topics=("汛情",)),
        PairClasses(rules=("rehash",)),
        PairClasses(most_refused=0),
    ],
)
def test_an_ordinary_push_needs_one(classes: PairClasses) -> None:
    assert reasons_for(classes, ORDINARY) == ()
    assert not classes.is_empty


def test_days_alone_make_no_class() -> None:
    assert PairClasses(refused_days=7).is_empty


@pytest.mark.parametrize(
    ("verdicts", "comes_to"),
    [
        ([], Awaited.SECOND),
        ([APPROVE], Awaited.SECOND),
        ([REFUSE], Awaited.SECOND),
        ([APPROVE, APPROVE], APPROVE),
        ([REFUSE, REFUSE], REFUSE),
        ([RETURN, RETURN], RETURN),
        ([RETURN, REFUSE], REFUSE),
        ([REFUSE, RETURN], REFUSE),
        ([APPROVE, REFUSE], Awaited.ARBITER),
        ([RETURN, APPROVE], Awaited.ARBITER),
        ([APPROVE, REFUSE, APPROVE], APPROVE),
        ([REFUSE, APPROVE, REFUSE], REFUSE),
        ([REFUSE, APPROVE, RETURN], RETURN),
        ([REFUSE, RETURN, APPROVE], Awaited.ARBITER),
    ],
)
def test_what_rulings_come_to(
    verdicts: list[RulingVerdict], comes_to: RulingVerdict | Awaited
) -> None:
    assert outcome(verdicts) is comes_to
