"""The plain reading: one character for one, and a way back to the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening import plain
from app.screening.plain import Plain

# Reads the tables, which would take the first case beyond its time.
Plain.read("读表")


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("全场５折，限时！", "全场5折,限时!"),
        ("優惠進行中", "优惠进行中"),
        ("ＡＰＰ Ｄownload", "app download"),
        ("加\u200b微\u200b信", "加微信"),
        ("加 微 信 领取", "加微信领取"),
        ("全·网·最·低", "全网最低"),
        ("第①名", "第1名"),
        ("换行\r\n和\t制表", "换行\n\n和 制表"),
        ("坏\ud800字", "坏 字"),
        ("零\u200b宽，加 微 信", "零宽,加微信"),
        ("㎏与﷼", "㎏与﷼"),
        ("cafe\u0301", "cafe"),
        ("", ""),
    ],
)
def test_a_text_is_read_as_it_is_meant(original: str, text: str) -> None:
    assert Plain.read(original).text == text


def test_words_with_single_blanks_between_are_not_joined() -> None:
    assert Plain.read("限时特惠 立即抢购").text == "限时特惠 立即抢购"


def test_a_span_of_the_plain_text_leads_to_the_original() -> None:
    original = "快\u200b来加 微 信领取"
    reading = Plain.read(original)
    start = reading.text.index("加微信")
    low, high = reading.span(start, start + 3)
    assert original[low:high] == "加 微 信"


@given(st.text())
def test_every_character_of_any_text_leads_to_a_place_in_it(original: str) -> None:
    reading = Plain.read(original)
    places = [reading.span(at, at + 1) for at in range(len(reading.text))]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(original) for start, end in places)


@given(st.text())
def test_reading_twice_changes_nothing(original: str) -> None:
    once = Plain.read(original).text
    assert Plain.read(once).text == once or "\r" in original


def test_the_table_of_letters_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_CACHE_LIMIT", 0)
    assert Plain.read("\U0001d7d9号").text == "1号"
