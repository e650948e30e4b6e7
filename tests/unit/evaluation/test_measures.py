"""Halves count what they should, and only the half kept aside is judged."""

import pytest

from app.evaluation.measures import Goal, Half, Measured, is_for_tuning, wilson
from app.evaluation.report import details, lines, page
from app.evaluation.run import ordinary

GOAL = Goal(recall=0.9, false_hits=0.03)


def filled(found: int, hit: int) -> Half:
    half = Half()
    for number in range(100):
        half.add(f"wanted {number}", "group", wanted=True, found=number < found)
        half.add(f"ordinary {number}", "", wanted=False, found=number < hit)
    return half


@pytest.mark.parametrize(
    ("found", "hit", "met"), [(90, 3, True), (89, 3, False), (90, 4, False), (100, 0, True)]
)
def test_a_goal_needs_recall_and_few_false_hits(found: int, hit: int, met: bool) -> None:
    assert GOAL.is_met_by(filled(found, hit)) is met


def test_a_half_with_nothing_in_it_meets_no_goal() -> None:
    assert not GOAL.is_met_by(Half())
    assert not Goal(recall=None, false_hits=0.5).is_met_by(Half())


def test_the_half_kept_aside_alone_is_judged_and_never_shown() -> None:
    measured = Measured("topic", GOAL, tuning=filled(10, 50), kept=filled(95, 0))
    assert measured.is_met
    shown = list(details(measured))
    assert "    group: 10/100" in shown
    assert sum("miss" in line for line in shown) == 90
    assert sum("false" in line for line in shown) == 50
    assert "95/100" in list(lines(measured))[2]
    assert "| topic |" in page([measured], ["engine 1"])


def test_ordinary_texts_of_several_corpora_are_judged_together() -> None:
    few = Measured("evasion/a", Goal(0.9, None), kept=filled(100, 2))
    many = Measured("evasion/b", Goal(0.9, None), kept=filled(100, 5))
    whole = ordinary([few, many])
    assert few.is_met
    assert many.is_met
    assert not whole.is_met
    assert (whole.kept.ordinary, whole.kept.hit) == (200, 7)
    assert ordinary([few]).is_met


def test_a_case_goes_to_the_half_that_its_texts_name() -> None:
    measured = Measured("topic", GOAL)
    assert measured.half("a") is (measured.tuning if is_for_tuning("a") else measured.kept)
    sizes = sum(is_for_tuning(f"text {number}") for number in range(1000))
    assert 400 < sizes < 600


def test_an_interval_holds_for_none_and_for_all() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 100)[0] == 0.0
    assert wilson(100, 100)[1] == pytest.approx(1.0)
