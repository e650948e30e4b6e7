"""A field with more places than are looked at says where the looking stopped, and holds."""

import pytest

from app.domain.screening import ScreeningReport
from app.domain.unread import Unread
from app.screening.screener import Screener
from tests.fixtures.screening import TODAY, lexicon_of

SCREENER = Screener.load(
    lexicon_of(
        "赌博平台;exact;;;甲",
        "裸聊;hold;+homophone;;甲",
        "冰毒;disguised;;;甲",
        exempt=("独播平台;category:gambling;never;甲",),
    )
)
# Sounds like 裸聊 without being it: looked at and let go.
DECOY = "罗辽，"
MOST_TRIED = 700
MOST_FOUND = 100


def screen(text: str) -> ScreeningReport:
    return SCREENER.screen([("/title", "裸聊"), ("/body", text)], on=TODAY)


def test_as_many_places_as_are_looked_at_hide_nothing() -> None:
    text = DECOY * (MOST_TRIED - 1) + "赌博瓶台"
    report = screen(text)
    assert [(hit.pointer, hit.term) for hit in report.hits] == [
        ("/title", "裸聊"),
        ("/body", "赌博平台"),
    ]
    assert report.unread == ()


@pytest.mark.parametrize("beyond", ["赌博瓶台", "罗辽"])
def test_one_place_more_is_said_not_to_be_read_whatever_it_is(beyond: str) -> None:
    text = DECOY * MOST_TRIED + beyond
    assert screen(text).unread == (Unread("/body", (len(text) - len(beyond), len(text))),)


@pytest.mark.parametrize(
    ("one", "count"),
    [
        ("赌博瓶台。", MOST_FOUND),
        # Let go one by one, and yet they use up what is looked at.
        ("独播平台。", 0),
        # Of a word that counts in disguise alone; the second is read in a rewriting.
        ("冰-毒。", MOST_FOUND),
        ("🧊毒。", MOST_FOUND),
    ],
)
def test_behind_a_hundred_disguises_nothing_is_passed_over(one: str, count: int) -> None:
    enough = screen(one * MOST_FOUND)
    assert len(enough.hits) == 1 + count
    assert enough.unread == ()
    start = len(one) * MOST_FOUND
    report = screen(one * (MOST_FOUND + 2))
    assert len(report.hits) == 1 + count
    assert report.unread == (Unread("/body", (start, start + len(one) - 1)),)
