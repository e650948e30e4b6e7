"""Terms and phrases that could never be met as they are written in the lists."""

from collections.abc import Iterator, Sequence

from app.screening.characters import Role, role
from app.screening.lexicon import EXEMPTION_PREFIX, Lexicon
from app.screening.normalize import Folder
from app.screening.rows import Problem
from app.screening.wordlist import Term

MIN_LETTERS = 2


def problems_of(lexicon: Lexicon, letters: Sequence[str], folder: Folder) -> Iterator[Problem]:
    """Yield what could never be met, with file and line; `letters` are the terms folded."""
    for term, folded in zip(lexicon.terms, letters, strict=True):
        file = f"{term.list_id}.tsv"
        if len(folded) < MIN_LETTERS:
            zh, en = f"词条过短：{term.text!r}", f"term too short: {term.text!r}"
            yield Problem(file, term.line, zh, en)
        if folded != term.text and not _is_plain(term.text):
            zh, en = (
                f"词条首尾有标点或含不可见字符：{term.text!r}",
                f"outer or unseen marks: {term.text!r}",
            )
            yield Problem(file, term.line, zh, en)
        if term.exceptions:
            yield from _exception_problems(term, folded, folder)
    for exemption in lexicon.exemptions:
        if len(folder.fold(exemption.phrase)) < MIN_LETTERS:
            zh, en = (
                f"豁免短语过短：{exemption.phrase!r}",
                f"exempt phrase too short: {exemption.phrase!r}",
            )
            yield Problem(f"{EXEMPTION_PREFIX}*.tsv", exemption.line, zh, en)


def _exception_problems(term: Term, folded: str, folder: Folder) -> Iterator[Problem]:
    for phrase in term.exceptions:
        if folded not in folder.fold(phrase):
            zh, en = f"例外不含词条：{phrase!r}", f"exception lacks the term: {phrase!r}"
            yield Problem(f"{term.list_id}.tsv", term.line, zh, en)


def _is_plain(text: str) -> bool:
    """Say whether a term is as a text would plainly show it; outer marks would be lost."""
    seen = all(role(part) in (Role.LETTER, Role.SEPARATOR) for part in text)
    return seen and bool(text) and role(text[0]) is role(text[-1]) is Role.LETTER
