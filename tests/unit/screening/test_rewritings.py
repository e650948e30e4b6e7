"""Pictures are read as words and turned text as it is shown; spans lie in the original."""

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
REWRITER = Rewriter(Tables.load().pictures)


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


def test_what_the_text_itself_shows_is_no_finding_of_a_rewriting() -> None:
    (hit,) = SCREENER.screen([("/title", "约炮 🐶")], on=TODAY).hits
    assert (hit.severity, hit.techniques) == (Severity.EXACT, ())


@given(
    st.text(st.one_of(st.sampled_from("约💣➕☎\u202e\u202c聊裸\n"), st.characters()), max_size=30)
)
def test_a_rewriting_keeps_every_character_s_place(text: str) -> None:
    for other in REWRITER.rewritings(text):
        assert len(other.places) == len(other.text)
        assert set(other.places) == set(range(len(text)))
        for low, high in other.changed:
            start, end = other.original((low, high)) or (-1, -1)
            assert 0 <= start < end <= len(text)
