"""Since when a cap has counted what is sent: through versions that count the same way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.counting import CountedCap, InForce, counted_caps
from app.domain.policy import A_DAY, Cap, Covers, Mode, Per, Rolling
from app.domain.push import ContentKind

START = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = (ContentKind.NEWS, ContentKind.GENERAL)
CAP = Cap("one", 3, A_DAY, Covers(kinds=KINDS, topics=("a", "b")), per=(Per.RECIPIENT, Per.TOPIC))


def counted(*versions: Cap | None) -> CountedCap:
    """The cap of the last of versions that follow one another by a day; None: without it."""
    found = counted_caps(
        [
            InForce(number, START + number * DAY, () if cap is None else (cap,))
            for number, cap in reversed(list(enumerate(versions)))
        ]
    )
    assert len(found) == 1
    return found[0]


def test_without_a_policy_nothing_counts() -> None:
    assert counted_caps([]) == ()
    assert counted_caps([InForce(1, START, ())]) == ()


def test_what_counts_the_same_goes_on_through_versions() -> None:
    other = replace(
        CAP, limit=9, source="x", house=False, covers=Covers((*KINDS[::-1],), topics=("b", "a"))
    )
    turned = replace(other, per=(Per.TOPIC, Per.RECIPIENT))
    found = counted(CAP, other, turned)
    assert (found.cap, found.since) == (turned, START)
    assert found.name == counted(CAP).name


@pytest.mark.parametrize(
    "before",
    [
        None,
        replace(CAP, id="another"),
        replace(CAP, window=Rolling(86_400)),
        replace(CAP, covers=Covers()),
        replace(CAP, per=(Per.RECIPIENT,)),
        replace(CAP, mode=Mode.SHADOW),
    ],
)
def test_what_is_new_or_counts_otherwise_begins_with_its_version(before: Cap | None) -> None:
    found = counted(CAP, before, CAP, CAP)
    assert found.since == START + 2 * DAY
    assert found.name not in {counted(CAP).name, counted(CAP, before, CAP, before, CAP).name}


def test_a_day_of_its_own_is_when_a_cap_begins() -> None:
    hours = timedelta(hours=6)
    dated = replace(CAP, effective_from=START + hours)
    assert counted(dated).since == START + hours
    # Once its day has come it makes no difference whether it is named.
    assert counted(dated, CAP, CAP).since == START + hours
    assert counted(CAP, replace(CAP, effective_from=START - DAY)).since == START
    later = replace(CAP, effective_from=START + DAY + hours)
    # It was not in force yet when the next version came.
    assert counted(later, CAP).since == START + DAY
    assert counted(CAP, later).since == START + DAY + hours
    assert counted(later, later).since == START + DAY + hours
