"""The examples in the lists hold: what a term must hit it hits, what it must leave it leaves."""

import pytest

from app.domain.screening import Severity
from app.screening.examples import failed_examples
from app.screening.screener import Screener
from app.screening.wordlist import Term
from tests.fixtures.screening import TODAY, lexicon_of


def has_both(term: Term) -> bool:
    return bool(term.must_hit) and bool(term.must_pass)


def test_every_example_of_the_shipped_lists_holds(shipped_screener: Screener) -> None:
    assert [str(fault) for fault in failed_examples(shipped_screener, TODAY)] == []


def test_every_exact_term_brings_examples_of_both_kinds(shipped_screener: Screener) -> None:
    terms = shipped_screener.lexicon.terms
    lacking = [t.text for t in terms if t.severity is Severity.EXACT and not has_both(t)]
    assert lacking == []


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ("有赌局吗;新赌局开张", ["must not be hit by '赌局' and is: 新赌局开张"]),
        ("小区花园;新店开张", ["must be hit by '赌局' and is not: 小区花园"]),
        ("有赌局吗|赌·局;打赌局促的人|小区花园", []),
    ],
)
def test_an_example_that_does_not_hold_is_told_with_its_line(
    examples: str, said: list[str]
) -> None:
    screener = Screener.load(lexicon_of(f"赌局;hold;;;甲;{examples}", further="hit;pass"))
    faults = list(failed_examples(screener, TODAY))
    assert [fault.en for fault in faults] == said
    assert all((fault.file, fault.line) == ("gambling.tsv", 8) for fault in faults)


def test_a_shorter_term_inside_a_wider_one_is_hit_all_the_same() -> None:
    lexicon = lexicon_of("赌局;hold;;;甲;开赌局", "开赌局;hold;;;甲;来开赌局", further="hit")
    screener = Screener.load(lexicon)
    assert [hit.term for hit in screener.screen([("/t", "开赌局")], on=TODAY).hits] == ["开赌局"]
    assert list(failed_examples(screener, TODAY)) == []


def test_only_the_terms_asked_for_are_tried() -> None:
    lexicon = lexicon_of("赌局;hold;;;甲;无", "赌场;hold;;;甲;也无", further="hit")
    screener = Screener.load(lexicon)
    (fault,) = failed_examples(screener, TODAY, lexicon.terms[1:])
    assert fault.line == 9
