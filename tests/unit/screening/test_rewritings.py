"""Pictures and initials are read as words, turned text as shown; spans lie in the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.screening import Severity, Technique
from app.screening.rewritings import Rewriter
from app.screening.screener import Screener
from app.screening.tables import Tables
from tests.fixtures.screening import TODAY, lexicon_of

SCREENER = Screener.load(
    lexicon_of(
        "约炮;exact;;;甲",
        "加微信;disguised;;;甲",
        "打电话;disguised;;;甲",
        "裸聊;exact;;;甲",
        exempt=("约炮研究;*;never;甲",),
    )
)
TABLES = Tables.load()
REWRITER = Rewriter(TABLES.pictures, TABLES.initials)
SPELLED = Screener.load(
    lexicon_of(
        "约炮;disguised;;;甲",
        "银行卡;disguised;;;甲",
        "套现;disguised;;;甲",
        "楼凤信息;hold;;;甲",
        "技师;disguised;;;甲",
        "学位证;disguised;initials;;甲",
        "毕业证;disguised;;;甲",
    )
)


@pytest.mark.parametrize(
    ("text", "term", "span", "techniques"),
    [
        ("来约💣群", "约炮", (1, 3), (Technique.STYLE,)),
        ("➕微信", "加微信", (0, 3), (Technique.STYLE,)),
        ("快打☎️呀", "打电话", (1, 3), (Technique.STYLE,)),
        ("快打☎呀", "打电话", (1, 3), (Technique.STYLE,)),
        ("约·💣", "约炮", (0, 3), (Technique.STYLE, Technique.SEPARATOR)),
        ("看\u202e聊裸\u202c间", "裸聊", (2, 4), (Technique.HIDDEN,)),
        ("看\u202e聊裸", "裸聊", (2, 4), (Technique.HIDDEN,)),
    ],
)
def test_what_only_a_rewriting_shows_holds_where_it_stands(
    text: str, term: str, span: tuple[int, int], techniques: tuple[Technique, ...]
) -> None:
    (hit,) = SCREENER.screen([("/title", "无"), ("/body", text)], on=TODAY).hits
    assert (hit.pointer, hit.term, hit.span) == ("/body", term, span)
    assert (hit.techniques, hit.severity) == (techniques, Severity.HOLD)


@pytest.mark.parametrize(
    "text",
    ["约会💣", "加微信🎉", "打➕微", "庆祝🎉", "plain", "聊裸", "约💣研究", "\u202e约会\u202c"],
)
def test_ordinary_pictures_are_no_hits(text: str) -> None:
    assert SCREENER.screen([("/title", text)], on=TODAY).hits == ()


@pytest.mark.parametrize(
    ("text", "term", "span"),
    [
        ("来约p吧", "约炮", (1, 3)),
        ("来约P吧", "约炮", (1, 3)),
        ("只来约pp吗约p", "约炮", (6, 8)),
        ("收yhk，日结", "银行卡", (1, 4)),
        ("收YHK，日结", "银行卡", (1, 4)),
        ("xyk里的tx出来", "套现", (5, 7)),
        ("lf信息汇总", "楼凤信息", (0, 4)),
        ("代办xwz、byz", "毕业证", (6, 9)),
    ],
)
def test_initials_of_the_trade_are_read_as_their_words(
    text: str, term: str, span: tuple[int, int]
) -> None:
    (hit,) = SPELLED.screen([("/title", text)], on=TODAY).hits
    assert (hit.term, hit.span, hit.techniques) == (term, span, (Technique.INITIALS,))
    assert hit.severity is Severity.HOLD


@pytest.mark.parametrize(
    "text",
    [
        "新到三位js",  # two letters alone may be anything
        "行情tx走高",
        "TX股份，LF指数",  # capitals are names
        "型号yhk100已下架",  # a code
        "www.yhk.example的网页",
        "yhk",
        "代办xwz",  # switched off
    ],
)
def test_other_latin_letters_are_no_initials(text: str) -> None:
    assert SPELLED.screen([("/title", text)], on=TODAY).hits == ()


def test_what_begins_within_other_initials_is_left_out() -> None:
    texts = [other.text for other in REWRITER.rewritings("来d博c吧")]
    assert texts == ["来赌博c吧"]


def test_every_initial_of_the_trade_is_of_small_letters_and_every_word_of_han() -> None:
    for _, word, spelled in TABLES.initials:
        assert not word.isascii()
        assert spelled == tuple(one.lower() for one in spelled)
        assert all(len(one) > 1 for one in spelled)


def test_what_the_text_itself_shows_is_no_finding_of_a_rewriting() -> None:
    (hit,) = SCREENER.screen([("/title", "约炮 🐶")], on=TODAY).hits
    assert (hit.severity, hit.techniques) == (Severity.EXACT, ())


@given(
    st.text(
        st.one_of(st.sampled_from("约p友yhk💣➕☎\u202e\u202c聊裸\n"), st.characters()), max_size=30
    )
)
def test_a_rewriting_keeps_every_character_s_place(text: str) -> None:
    for other in REWRITER.rewritings(text):
        assert len(other.places) == len(other.text)
        assert set(other.places) <= set(range(len(text)))
        assert other.places[:1] in ([], [0])
        assert other.places[-1:] in ([], [len(text) - 1]) or other.technique is Technique.HIDDEN
        for low, high in other.changed if other.sure else ():
            start, end = other.original((low, high)) or (-1, -1)
            assert 0 <= start < end <= len(text)
