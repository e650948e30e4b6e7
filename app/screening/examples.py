"""Try the examples that the terms of a lexicon bring along: each must be hit, or must pass."""

from collections.abc import Iterable, Iterator
from datetime import date

from app.screening.rows import Problem
from app.screening.screener import Screener
from app.screening.wordlist import Term


def failed_examples(
    screener: Screener, on: date, terms: Iterable[Term] | None = None
) -> Iterator[Problem]:
    """Yield what is wrong, with file and line: examples of all terms, or of those given.

    `on` is the Beijing day for which exemptions are judged. Each example takes some 0.1 ms.
    """
    for term in screener.lexicon.terms if terms is None else terms:
        for text in term.must_hit:
            if not _is_hit(screener, term, text, on):
                zh = f"应命中而未命中“{term.text}”：{text}"
                en = f"must be hit by {term.text!r} and is not: {text}"
                yield Problem(f"{term.list_id}.tsv", term.line, zh, en)
        for text in term.must_pass:
            if _is_hit(screener, term, text, on):
                zh = f"不应命中而命中“{term.text}”：{text}"
                en = f"must not be hit by {term.text!r} and is: {text}"
                yield Problem(f"{term.list_id}.tsv", term.line, zh, en)


def _is_hit(screener: Screener, term: Term, text: str, on: date) -> bool:
    return any(
        (hit.list_id, hit.term) == (term.list_id, term.text)
        for hit in screener.every_hit(text, on=on)
    )
