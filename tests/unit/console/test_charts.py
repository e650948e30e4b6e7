"""Charts: scales in round steps, bars that add up, shares that fill the height."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.charts import Series, percent, scale, shares, stacked

LABELS = ("a", "b", "c")


def two(*values: tuple[int, int]) -> tuple[Series, Series]:
    first, second = zip(*values, strict=True)
    return Series("one", "main", first), Series("two", "stop", second)


@given(st.integers(0, 10**9))
def test_a_scale_holds_the_highest_figure_in_few_round_steps(highest: int) -> None:
    ticks = scale(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    step = ticks[1]
    assert [tick % step for tick in ticks] == [0] * len(ticks)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert ticks[-1] - step < max(highest, 1)


def test_bars_stand_on_one_another_and_are_as_high_as_their_figures() -> None:
    chart = stacked("t", LABELS, two((3, 1), (0, 4), (0, 0)))
    assert [(bar.tone, bar.says) for bar in chart.bars] == [
        ("main", "a · one · 3"), ("stop", "a · two · 1"), ("stop", "b · two · 4"),
    ]  # fmt: skip
    low, high, alone = chart.bars
    assert low.y + low.height == chart.base
    assert high.y + high.height == pytest.approx(low.y, abs=0.11)
    assert low.height == pytest.approx(3 * high.height, abs=0.3)
    assert alone.height == pytest.approx(low.height + high.height, abs=0.2)
    assert all(chart.left <= bar.x and bar.x + bar.width <= chart.right for bar in chart.bars)
    assert [row.text for row in chart.rows] == ["0", "1", "2", "3", "4"]


def test_shares_fill_the_whole_height_and_nothing_stays_empty() -> None:
    chart = shares("t", LABELS, two((1, 3), (7, 0), (0, 0)))
    first, second, whole = chart.bars
    assert first.height + second.height == pytest.approx(whole.height, abs=0.11)
    assert second.height == pytest.approx(3 * first.height, abs=0.3)
    assert [row.text for row in chart.rows] == ["0%", "25%", "50%", "75%", "100%"]


def test_many_labels_are_thinned_out_and_nothing_is_an_empty_chart() -> None:
    labels = tuple(str(n) for n in range(60))
    chart = stacked("t", labels, (Series("one", "main", (1,) * 60),))
    assert 5 < len(chart.columns) < 20
    assert not chart.is_empty
    assert stacked("t", (), ()).is_empty


def test_a_share_is_never_rounded_up_to_all_of_it() -> None:
    assert [percent(*pair) for pair in ((0, 0), (1, 3), (999_999, 1_000_000), (5, 5))] == [
        "–", "33.3%", "99.9%", "100.0%",
    ]  # fmt: skip
