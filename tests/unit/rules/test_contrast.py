"""Contrast as WCAG computes it from two colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.contrast import contrast, ratio_text

colors = st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True)


@pytest.mark.parametrize(
    ("first", "second", "hundredths"),
    [
        ("#000000", "#FFFFFF", 2100),
        ("#FFFFFF", "#FFFFFF", 100),
        ("#777777", "#FFFFFF", 447),  # the grey that just fails AA
        ("#767676", "#FFFFFF", 454),  # the grey that just passes AA
        ("#949494", "#FFFFFF", 303),
        ("#959595", "#FFFFFF", 299),
        ("#0000FF", "#FFFFFF", 859),
        ("#FF0000", "#FFFFFF", 399),
        ("#008000", "#FFFFFF", 513),
        ("#FFFF00", "#FFFFFF", 107),
        ("#FF0000", "#000000", 525),
    ],
)
def test_known_pairs_of_colours_have_their_known_contrast(
    first: str, second: str, hundredths: int
) -> None:
    assert contrast(first, second) == hundredths


@pytest.mark.parametrize(
    "color", ["", "gray", "#FFF", "#GGGGGG", "#FFFFFF\n", "#FFFFFF00", "FFFFFF"]
)
def test_an_unreadable_colour_has_no_contrast(color: str) -> None:
    assert contrast(color, "#FFFFFF") is None
    assert contrast("#FFFFFF", color) is None


@given(colors, colors)
def test_contrast_has_no_direction_and_lies_between_1_and_21(first: str, second: str) -> None:
    ratio = contrast(first, second)
    assert ratio is not None
    assert 100 <= ratio <= 2100
    assert ratio == contrast(second, first) == contrast(first.upper(), second.lower())


@given(colors, colors)
def test_contrast_agrees_with_the_formula_in_floats(first: str, second: str) -> None:
    ratio = contrast(first, second)
    assert ratio is not None
    assert ratio == pytest.approx(100 * _by_floats(first, second), abs=1.001)


def _by_floats(first: str, second: str) -> float:
    low, high = sorted((_light(first), _light(second)))
    return (high + 0.05) / (low + 0.05)


def _light(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_ratio_is_written_with_two_places() -> None:
    assert [ratio_text(one) for one in (450, 1205, 100)] == ["4.50", "12.05", "1.00"]
