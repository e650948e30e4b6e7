"""Texts in pieces, and two texts side by side: nothing lost, every mark at its code point."""

from hypothesis import given
from hypothesis import strategies as st

from app.console.desk.differences import compare
from app.console.desk.marks import Mark, pieces
from app.domain.decision import Verdict

_TEXTS = st.text(st.sampled_from("弹窗abc\u200b\u202e\u0301😀 \n"), max_size=30)


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(_TEXTS)
    place = st.integers(0, len(text) + 3)
    spans = draw(st.lists(st.tuples(place, place), max_size=4))
    marks = [
        Mark(number, min(span), max(span), draw(st.sampled_from(list(Verdict))))
        for number, span in enumerate(spans, 1)
    ]
    return text, marks


@given(marked())
def test_visible_pieces_add_up_to_the_visible_text(case: tuple[str, list[Mark]]) -> None:
    text, marks = case
    cut = pieces(text, marks)
    plain = pieces(text)
    seen = "".join(piece.text for piece in cut if not piece.hidden)
    assert seen == "".join(piece.text for piece in plain if not piece.hidden)


@given(marked())
def test_every_code_point_bears_the_marks_that_cover_it_and_no_others(
    case: tuple[str, list[Mark]],
) -> None:
    text, marks = case
    place = 0
    for piece in pieces(text, marks):
        size = len(piece.text)
        if piece.hidden:
            _, _, count = piece.text.partition(" ×")
            size = int(count or "1")
        for here in range(place, place + size):
            covering = {mark.number for mark in marks if mark.start <= here < mark.end}
            assert set(piece.numbers) == covering
        place += size
    assert place == len(text)


def test_a_mark_opens_where_it_begins_and_shows_the_worst_verdict() -> None:
    cut = pieces("头条新闻", [Mark(1, 0, 4, Verdict.HOLD), Mark(2, 2, 4, Verdict.BLOCK)])
    assert [(piece.text, piece.opens, piece.verdict) for piece in cut] == [
        ("头条", (1,), "hold"),
        ("新闻", (2,), "block"),
    ]


def test_hidden_characters_stand_in_by_code_and_name() -> None:
    cut = pieces("a\u200b\u200bb")
    assert [(piece.text, piece.hidden) for piece in cut] == [
        ("a", ""), ("U+200B ×2", "ZERO WIDTH SPACE"), ("b", ""),
    ]  # fmt: skip


@given(_TEXTS, _TEXTS)
def test_both_sides_of_a_comparison_are_whole(theirs: str, ours: str) -> None:
    found = compare(theirs, ours)
    assert "".join(run.text for run in found.theirs) == theirs
    assert "".join(run.text for run in found.ours) == ours
    assert found.is_equal is (theirs == ours)


def test_a_changed_title_marks_the_changed_characters() -> None:
    found = compare("地铁末班车推迟", "地铁末班车取消")
    assert [run.text for run in found.theirs if run.differs] == ["推迟"]
    assert [run.text for run in found.ours if run.differs] == ["取消"]


def test_a_changed_number_differs_as_a_whole_and_alone() -> None:
    found = compare("事故致12人受伤", "事故致21人受伤")
    assert [run.text for run in found.theirs if run.differs] == ["12"]
    assert [run.text for run in found.ours if run.differs] == ["21"]
