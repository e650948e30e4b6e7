"""The test of groups against known values, against shuffling, and its correction."""

import math
from collections import Counter
from itertools import combinations

import pytest

from app.domain.comparison import Compared, chi_squared_tail, corrected, mean_score_test


@pytest.mark.parametrize(
    ("x", "freedom", "tail"),
    [
        # The customary tables of critical values.
        (3.841, 1, 0.05), (6.635, 1, 0.01), (5.991, 2, 0.05), (7.815, 3, 0.05),
        (11.345, 3, 0.01), (9.488, 4, 0.05), (14.067, 7, 0.05), (24.322, 7, 0.001),
    ],
)  # fmt: skip
def test_the_tail_of_chi_squared_is_that_of_the_tables(x: float, freedom: int, tail: float) -> None:
    assert chi_squared_tail(x, freedom) == pytest.approx(tail, rel=2e-3)
    assert chi_squared_tail(0, freedom) == pytest.approx(1)


def test_of_two_groups_and_yes_or_no_it_is_pearsons_with_n_less_one() -> None:
    # 2 x 2 table 30, 20 / 15, 35: Pearson's statistic 100 (30*35 - 20*15)^2 / (50*50*45*55).
    pearson = 100 * (30 * 35 - 20 * 15) ** 2 / (50 * 50 * 45 * 55)
    found = mean_score_test([{1: 30, 0: 20}, {1: 15, 0: 35}])
    assert found.p == pytest.approx(math.erfc(math.sqrt(pearson * 99 / 100 / 2)))
    assert found.p == pytest.approx(0.00268, abs=2e-5)


def test_it_agrees_with_shuffling_everybody_in_every_way() -> None:
    """All 12,870 ways to divide sixteen people: asymptotic here within a few hundredths."""
    values = [0, 0, 1, 1, 1, 2, 2, 3, 1, 2, 2, 3, 3, 3, 4, 5]
    seen = abs(sum(values[:8]) - sum(values[8:]))
    ways = [abs(2 * sum(chosen) - sum(values)) for chosen in combinations(values, 8)]
    exact = sum(one >= seen for one in ways) / len(ways)
    found = mean_score_test([Counter(values[:8]), Counter(values[8:])])
    assert found.p is not None
    assert found.p == pytest.approx(exact, abs=0.01)
    assert 0.01 < exact < 0.05


def test_equal_groups_are_alike_and_plain_differences_are_not() -> None:
    assert mean_score_test([{2: 50}, {2: 70}]).p == 1.0
    assert mean_score_test([{1: 40, 3: 40}] * 3).p == pytest.approx(1.0)
    apart = mean_score_test([{1: 40, 2: 40}, {2: 40, 3: 40}, {2: 60}]).p
    assert apart is not None
    assert apart < 1e-6


def test_with_few_cases_it_says_nothing() -> None:
    assert mean_score_test([{0: 95, 1: 5}, {0: 96, 1: 4}]) == Compared(None)
    assert mean_score_test([{0: 95, 1: 5}, {0: 95, 1: 5}]).p is not None
    assert mean_score_test([{0: 100}, {0: 100}]) == Compared(None)
    assert mean_score_test([{1: 100}]) == Compared(None)


def test_several_tests_are_corrected_as_holm_did() -> None:
    found = [Compared(p) for p in (0.01, None, 0.04, 0.03, 0.005)]
    # 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1, which may not fall below the one before it.
    assert [one.p for one in corrected(found)] == pytest.approx([0.03, None, 0.06, 0.06, 0.02])
    assert corrected([Compared(0.9), Compared(0.8)]) == (Compared(1.0), Compared(1.0))
