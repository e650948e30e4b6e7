"""Trying what a draft would find: the draft compiled, its examples, and samples."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.errors import FieldProblem, Invalid, Words
from app.packs.compiling import Compiler
from app.packs.content import PackContent, TermEntry
from app.screening.rows import WordListError
from app.screening.screener import Screener

_POINTER: Final = "/sample"


@dataclass(frozen=True, slots=True)
class Fault:
    """An example of a term that is not found though it must be, or is though it must not."""

    list_id: str
    term: str
    text: str
    must_hit: bool

    @property
    def problem(self) -> FieldProblem:
        """The same as a problem of the field that holds the example."""
        if self.must_hit:
            words = Words(
                f"“{self.term}”应命中而未命中：{self.text}",
                f"{self.term} is not found where it must be: {self.text}",
            )
            return FieldProblem("/must_hit", "example_not_found", words)
        words = Words(
            f"“{self.term}”不应命中却命中：{self.text}",
            f"{self.term} is found where it must not be: {self.text}",
        )
        return FieldProblem("/must_pass", "example_found", words)


async def draft_screener(compiler: Compiler, content: PackContent) -> Screener:
    """Return the screener that a draft would be; Invalid for terms that could never be met."""
    try:
        return await compiler.screener(content)
    except WordListError as error:
        raise Invalid(problems=problems_of(error)) from error


def problems_of(error: WordListError) -> tuple[FieldProblem, ...]:
    """Return what is wrong with lists as problems of a form, at most twenty."""
    return tuple(
        FieldProblem("/text", "unusable_term", Words(one.zh, one.en)) for one in error.problems[:20]
    )


def example_faults(screener: Screener, entries: Iterable[TermEntry], on: date) -> tuple[Fault, ...]:
    """Return the examples that fail; a term stands for its own first example."""
    faults: list[Fault] = []
    for entry in entries:
        if entry.removed:
            continue
        faults += [
            Fault(entry.list_id, entry.text, text, must_hit=True)
            for text in (entry.text, *entry.must_hit)
            if not _is_found(screener, entry, text, on, itself=False)
        ]
        faults += [
            Fault(entry.list_id, entry.text, text, must_hit=False)
            for text in entry.must_pass
            if _is_found(screener, entry, text, on, itself=True)
        ]
    return tuple(faults)


def _is_found(screener: Screener, entry: TermEntry, text: str, on: date, *, itself: bool) -> bool:
    """Say whether a text shows the term; one inside a longer term of its list counts as shown."""
    report = screener.screen(((_POINTER, text),), on=on)
    return any(
        hit.list_id == entry.list_id and (hit.term == entry.text or not itself)
        for hit in report.hits
    )
