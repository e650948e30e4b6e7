"""Folding keeps what a text spells and where each letter stands."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.normalize import Folder

FOLDER = Folder.load()
ANY_TEXT = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("賭博網站", "赌博网站"),
        ("赌-博·平*台", "赌博平台"),
        ("赌\u200b博\u202e平\ufeff台", "赌博平台"),
        ("赌\u0336博", "赌博"),
        ("①②⑩", "1210"),
        ("❶❷", "12"),
        ("𝓦𝓮𝓒𝓱𝓪𝓽", "wechat"),
        ("ⓥⓧ", "vx"),
        ("🅥🅧", "vx"),
        ("٣٤", "34"),
        ("Éléphant", "elephant"),
        ("ガガ", "ガガ"),
        ("㈱", "株"),
        ("\ud800赌\udfff博", "赌博"),
        ("，。！ \n\t", ""),
        ("", ""),
    ],
)
def test_a_text_is_folded_to_its_letters(written: str, spelled: str) -> None:
    assert FOLDER.fold(written) == spelled


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = FOLDER.fold(text)
    assert FOLDER.fold(once) == once


@given(ANY_TEXT, ANY_TEXT)
def test_folding_commutes_with_joining(left: str, right: str) -> None:
    assert FOLDER.fold(left + right) == FOLDER.fold(left) + FOLDER.fold(right)


@given(ANY_TEXT)
def test_every_letter_comes_from_its_place_in_the_original(text: str) -> None:
    reading = FOLDER.read(text)
    assert reading.letters == FOLDER.fold(text)
    assert len(reading.letters) == len(reading.index) == len(reading.breaks)
    assert list(reading.index) == sorted(reading.index)
    for letter, place in zip(reading.letters, reading.index, strict=True):
        assert letter in FOLDER.fold(text[place])


def test_every_code_point_of_the_basic_plane_folds_to_letters_that_stay() -> None:
    for code_point in range(0x10000):
        folded = FOLDER[code_point]
        if folded != chr(code_point):
            assert "".join(FOLDER[ord(part)] for part in folded) == folded, hex(code_point)
        assert all(unicodedata.category(part)[0] in "LMN" for part in folded), hex(code_point)


def test_the_table_stays_bounded_when_every_code_point_is_folded() -> None:
    folder = Folder({})
    for first in range(0, 0x12000, 0x100):
        folder.fold("".join(map(chr, range(first, first + 0x100))))
    assert len(folder) == 1 << 16


def test_a_break_is_a_separator_and_not_what_is_unseen() -> None:
    assert FOLDER.read("赌 博\u200b平台").breaks == [True, True, False, False]
