"""Characters that nobody sees are reported, those of ordinary writing are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.screening import HiddenKind
from app.screening.hidden import find_hidden


@pytest.mark.parametrize(
    ("text", "span", "kind", "name"),
    [
        ("好\u200b消息", (1, 2), HiddenKind.ZERO_WIDTH, "ZERO WIDTH SPACE"),
        ("好\u200b\u200b\u200b消息", (1, 4), HiddenKind.ZERO_WIDTH, "ZERO WIDTH SPACE"),
        ("\u202e息消", (0, 1), HiddenKind.BIDI, "RIGHT-TO-LEFT OVERRIDE"),
        ("消\x00息", (1, 2), HiddenKind.CONTROL, "U+0000"),
        ("消\ud800息", (1, 2), HiddenKind.SURROGATE, "U+D800"),
        ("消\U000e0041息", (1, 2), HiddenKind.TAG, "TAG LATIN CAPITAL LETTER A"),
        ("消\ue000息", (1, 2), HiddenKind.PRIVATE_USE, "U+E000"),
        ("消\u0336息", (1, 2), HiddenKind.COMBINING, "COMBINING LONG STROKE OVERLAY"),
        ("消\u3164息", (1, 2), HiddenKind.ZERO_WIDTH, "HANGUL FILLER"),
        ("消\ufe0f息", (1, 2), HiddenKind.ZERO_WIDTH, "VARIATION SELECTOR-16"),
        ("消\u200d息", (1, 2), HiddenKind.ZERO_WIDTH, "ZERO WIDTH JOINER"),
    ],
)
def test_a_hidden_character_is_named_with_its_place(
    text: str, span: tuple[int, int], kind: HiddenKind, name: str
) -> None:
    (found,) = find_hidden("/title", text)
    assert (found.pointer, found.span, found.kind, found.name) == ("/title", span, kind, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "全市中小学今日开学，请注意交通安全。",
        "第一行\n第二行\t第三列\r\n",
        "庆祝🎉👨‍👩‍👧一家团圆❤️",
        "1️⃣ 报名 2️⃣ 缴费",
        "Việt Nam và Thái Lan",
        "ภาษาไทยที่นี่",
        "café e\u0301te\u0301",
    ],
)
def test_ordinary_writing_hides_nothing(text: str) -> None:
    assert list(find_hidden("/body", text)) == []


@given(st.text(st.characters(), max_size=80))
def test_hidden_characters_are_in_order_and_apart(text: str) -> None:
    found = list(find_hidden("/body", text))
    ends = [0, *(one.span[1] for one in found)]
    for one, before in zip(found, ends, strict=False):
        start, end = one.span
        assert before <= start < end <= len(text)
        assert set(text[start:end]) == {chr(one.code_point)}
