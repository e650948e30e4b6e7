"""Cues: found with their contexts, with places in the original."""

import re
from typing import Any

from app.screening.cues import Cue, CueBook, apart, sentence
from app.screening.plain import Plain


def cue(pattern: str, **contexts: str) -> Cue:
    compiled: dict[str, Any] = {
        name: re.compile(contexts[name]) if name in contexts else None
        for name in ("before", "after", "unless")
    }
    return Cue(
        "kind", "name", 10, re.compile(pattern), trades=frozenset(), source=pattern, **compiled
    )


def found(book: CueBook, text: str) -> list[str]:
    return [one.words for one in book.find("/title", Plain.read(text))]


def test_a_cue_counts_only_outside_its_contexts() -> None:
    book = CueBook([cue("免费", before="不$", after="换乘", unless="骗局")])
    assert found(book, "今天免费") == ["免费"]
    assert found(book, "不免费") == []
    assert found(book, "免费换乘") == []
    assert found(book, "免费领鸡蛋是骗局。免费领奖") == ["免费"]


def test_cues_are_met_in_their_order_with_places_in_the_original() -> None:
    book = CueBook([cue("抢购"), cue("优惠")])
    met = list(book.find("/body", Plain.read("優\u200b惠抢购")))
    assert [(one.words, one.pointer, one.span) for one in met] == [
        ("抢购", "/body", (3, 5)),
        ("优惠", "/body", (0, 3)),
    ]


def test_a_text_that_repeats_a_cue_is_not_followed_without_end() -> None:
    assert len(found(CueBook([cue("抢")]), "抢" * 500)) < 10


def test_a_sentence_ends_at_full_stops_and_not_at_commas() -> None:
    text = "一,二。三,四!五"
    assert sentence(text, 4, 5) == "三,四"
    assert sentence(text, 0, 1) == "一,二"
    assert sentence(text, 8, 9) == "五"


def test_what_overlaps_something_longer_of_its_kind_is_left_out() -> None:
    book = CueBook([cue("抢购"), cue("立即抢购"), cue("购好物")])
    met = apart(book.find("/title", Plain.read("立即抢购好物")))
    assert [one.words for one in met] == ["立即抢购"]
    assert met == apart(met, kinds=False)
