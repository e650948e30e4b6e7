"""A pack's changes laid over the lists: added, changed, removed, exempted; a digest of both."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.screening import Severity
from app.screening.exemptions import Exemption, Scope
from app.screening.lexicon import Lexicon
from app.screening.merging import Changes, merged
from app.screening.rows import WordListError
from app.screening.wordlist import Term
from tests.fixtures.screening import lexicon_of

BASE = lexicon_of("刷单日结;exact;;;甲", "送彩金;hold;;;乙", exempt=("送彩金的;*;never;丙",))


def changes(
    *terms: Term,
    removed: tuple[tuple[str, str], ...] = (),
    lifted: frozenset[str] = frozenset(),
    digest: str = "sha256:1",
) -> Changes:
    stands: dict[tuple[str, str], Term | None] = {(one.list_id, one.text): one for one in terms}
    stands.update(dict.fromkeys(removed))
    own = Exemption("专用短语", Scope(), date(2027, 1, 1), "", 0)
    return Changes(stands, (own,), lifted, digest)


def term_of(lexicon: Lexicon, text: str) -> Term:
    return next(term for term in lexicon.terms if term.text == text)


def test_terms_are_added_changed_and_removed() -> None:
    known = term_of(BASE, "刷单日结")
    milder, new = known._replace(severity=Severity.HOLD), known._replace(text="新骗术")
    found = merged(BASE, changes(milder, new, removed=(("gambling", "送彩金"), ("fraud", "无"))))
    assert {term.text for term in found.terms} == {"刷单日结", "新骗术"}
    assert term_of(found, "刷单日结").severity is Severity.HOLD
    assert len(found.lists) == len(BASE.lists)


def test_exemptions_are_added_and_lifted() -> None:
    assert [one.phrase for one in merged(BASE, changes()).exemptions] == ["送彩金的", "专用短语"]
    lifted = merged(BASE, changes(lifted=frozenset({"送彩金的"})))
    assert [one.phrase for one in lifted.exemptions] == ["专用短语"]


def test_the_digest_is_of_both() -> None:
    one, other = merged(BASE, changes()), merged(BASE, changes(digest="sha256:2"))
    assert len({BASE.digest, one.digest, other.digest}) == 3
    assert one.digest == merged(BASE, changes()).digest
    assert one.digest != merged(replace(BASE, digest="sha256:3"), changes()).digest


def test_a_list_that_there_is_not_is_named() -> None:
    strange = term_of(BASE, "刷单日结")._replace(list_id="nowhere")
    with pytest.raises(WordListError, match="nowhere"):
        merged(BASE, changes(strange))
