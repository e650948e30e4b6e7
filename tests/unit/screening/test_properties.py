"""What holds for any text: spans are valid, the time is linear, unseen characters hide nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.normalize import Folder
from app.screening.screener import Screener
from benchmarks.screening.adversarial import SIZE, adversarial_texts
from tests.fixtures.screening import TODAY, lexicon_of

SCREENER = Screener.load(
    lexicon_of(
        "赌博平台;exact;;;甲",
        "真人荷官在线发牌;hold;;;甲",
        "裸聊;hold;;;甲",
        "代开发票;exact;+initials;;甲",
        "首存送彩金;exact;;;甲",
        "K粉货源;exact;;;甲",
        "冰毒;disguised;;;甲",
        "中出;hold;;;甲",
        exempt=("从中出发;term:中出;never;甲",),
    )
)
FOLDER = Folder.load()
# A shared runner is slower than a machine of one's own, and never quiet.
SLACK = 5
MOST_SECONDS = 0.020
UNSEEN = "\u200b\u200d\ufeff\u202e\u2060\u00ad\u3164\U000e0041\ud800\u0336"
PLAIN = ("赌博平台", "代开发票", "首存送彩金", "K粉货源", "真人荷官在线发牌", "裸聊")
PIECES = st.one_of(
    st.sampled_from(
        [*PLAIN, "賭博", "从中出发", "睹愽瓶台", "dubo", "贝者博", "代x开y发z票", "🧊毒"]
    ),
    st.sampled_from([*UNSEEN, "-", " ", "，", "👍", "\n", "𝐊", "Ｋ", "ﷺ", "\u202e台平博赌\u202c"]),
    st.text(st.characters(), max_size=4),
)
LARGE = adversarial_texts(2 * SIZE)


@given(st.lists(PIECES, max_size=10).map("".join))
def test_any_text_gets_the_same_report_twice_with_spans_inside(text: str) -> None:
    report = SCREENER.screen([("/title", text)], on=TODAY)
    assert report == SCREENER.screen([("/title", text)], on=TODAY)
    spans = [one.span for one in report.hits] + [one.span for one in report.hidden]
    spans += [one.span for one in report.excused]
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text(st.characters(), max_size=60))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert FOLDER.fold(FOLDER.fold(text)) == FOLDER.fold(text)


@given(st.lists(PIECES, max_size=5).map("".join), st.data(), st.sampled_from(UNSEEN))
def test_an_unseen_character_loses_no_plain_term(
    text: str, data: st.DataObject, unseen: str
) -> None:
    term = data.draw(st.sampled_from(PLAIN))
    place = data.draw(st.integers(0, len(term)))
    whole = f"{text}\n{term[:place]}{unseen}{term[place:]}"
    start = len(text) + 1
    found = [
        hit
        for hit in SCREENER.every_hit(whole, on=TODAY)
        if hit.term == term and hit.span[0] >= start
    ]
    assert found
    if 0 < place < len(term):
        assert any(hit.is_evasion for hit in found)


@pytest.mark.parametrize("name", LARGE)
def test_twice_the_text_takes_twice_the_time(name: str) -> None:
    text = LARGE[name]
    half = text[: len(text) // 2]
    _screen(text)  # fills the tables
    pairs = _pairs(text, half)
    assert any(whole < 2.5 * part + 0.001 for whole, part in pairs)
    assert min(part for _, part in pairs) < SLACK * MOST_SECONDS


def _pairs(text: str, half: str) -> list[tuple[float, float]]:
    return [(_seconds(text), _seconds(half)) for _ in range(4)]


def _seconds(text: str) -> float:
    start = time.process_time()
    _screen(text)
    return time.process_time() - start


def _screen(text: str) -> None:
    SCREENER.screen([("/body", text)], on=TODAY)
