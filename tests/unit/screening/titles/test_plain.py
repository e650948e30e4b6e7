"""Numbers as they are written in Chinese, and texts in plain letters of the same length."""

import pytest

from app.screening.normalize import Folder
from app.screening.titles import levelled
from app.screening.titles.levelled import Levels, level
from app.screening.titles.numerals import step_of, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("1,200", 1200), ("1.2亿", 120_000_000), ("3千万", 30_000_000), ("半", 0.5),
        ("三点五", 3.5), ("二〇二四", 2024), ("十二", 12), ("两百三十", 230), ("十万", 100_000),
        ("一万二千", 12_000), ("亿", 100_000_000), ("", 0), ("一半", 1),
    ],
)  # fmt: skip
def test_a_number_has_its_value(text: str, value: float) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "step"), [("12", 1), ("1.25", 0.01), ("1.2亿", 10_000_000), ("三百", 1), ("", 1)]
)
def test_a_number_is_as_exact_as_it_is_written(text: str, step: float) -> None:
    assert step_of(text) == pytest.approx(step)


def test_a_level_text_keeps_its_places() -> None:
    text = "１２人、Ⅲ级響應，39℃ ＡＢＣ①"
    assert level(text) == "12人、3级响应,39℃ abc1"
    assert len(level(text)) == len(text)


def test_the_table_of_levels_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levelled, "_CACHE_LIMIT", 1)
    levels = Levels(Folder.load())
    assert "ＡＢ".translate(levels) == "ab"
    assert len(levels) == 1
