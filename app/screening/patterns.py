"""What the matcher looks for: terms and exempting phrases, folded as texts are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from app.screening.characters import Role, role
from app.screening.exemptions import Exemption, Scope
from app.screening.lexicon import EXEMPTION_PREFIX, Lexicon
from app.screening.normalize import Folder
from app.screening.rows import Problem, WordListError
from app.screening.variants import Variant, variants_of
from app.screening.views import View, Views
from app.screening.wordlist import Term

MIN_LETTERS = 2
# Letters of a term this long do not come together by chance, across a comma or a word's border.
LONG_TERM = 4


@dataclass(frozen=True, slots=True)
class Pattern:
    """One folded string, the terms that are written so, and the exemptions for that phrase.

    `breaks[i]` says that the first term or phrase itself has a separator before its letter i;
    `characters` are all that the terms and phrases are plainly written with.
    """

    letters: str
    breaks: tuple[bool, ...]
    characters: frozenset[str]
    terms: tuple[Term, ...]
    exemptions: tuple[Exemption, ...]


@dataclass(slots=True)
class _Draft:
    breaks: tuple[bool, ...]
    characters: set[str] = field(default_factory=set)
    terms: list[Term] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PatternSet:
    """All strings that the matcher numbers: first one for each pattern, then further variants.

    `variants[number]` are the disguises that a string may be, each with the number of the pattern
    of its term; a string may be a pattern and a variant of several terms.
    """

    patterns: tuple[Pattern, ...]
    strings: tuple[str, ...]
    variants: dict[int, tuple[tuple[Variant, int], ...]]
    longest_phrase: int

    def views(self) -> list[frozenset[View]]:
        """Return for each string the views of a text in which it counts."""
        further = len(self.strings) - len(self.patterns)
        each = [frozenset({View.RAW})] * len(self.patterns) + [frozenset[View]()] * further
        for number, variants in self.variants.items():
            each[number] = each[number].union(*(variant.views for variant, _ in variants))
        return each

    @classmethod
    def compile(cls, lexicon: Lexicon, folder: Folder, views: Views) -> Self:
        """Fold all terms and phrases; raise WordListError for those that could never be met."""
        problems = list(_problems(lexicon, folder))
        if problems:
            raise WordListError(tuple(problems))
        drafts: dict[str, _Draft] = {}
        for term in lexicon.terms:
            _draft(drafts, term.text, folder).terms.append(term)
            for exemption in _exceptions(term):
                _draft(drafts, exemption.phrase, folder).exemptions.append(exemption)
        for exemption in lexicon.exemptions:
            _draft(drafts, exemption.phrase, folder).exemptions.append(exemption)
        phrases = [len(letters) for letters, draft in drafts.items() if draft.exemptions]
        patterns = tuple(
            Pattern(
                letters,
                draft.breaks,
                frozenset(draft.characters),
                tuple(draft.terms),
                tuple(draft.exemptions),
            )
            for letters, draft in drafts.items()
        )
        numbers = {pattern.letters: number for number, pattern in enumerate(patterns)}
        variants: dict[int, tuple[tuple[Variant, int], ...]] = {}
        for own, pattern in enumerate(patterns):
            for term in pattern.terms:
                for variant in variants_of(term, pattern.letters, views):
                    number = numbers.setdefault(variant.letters, len(numbers))
                    variants[number] = (*variants.get(number, ()), (variant, own))
        return cls(patterns, tuple(numbers), variants, max(phrases, default=0))


def _draft(drafts: dict[str, _Draft], text: str, folder: Folder) -> _Draft:
    reading = folder.read(text)
    draft = drafts.setdefault(reading.letters, _Draft(reading.breaks))
    draft.characters.update(text)
    return draft


def _exceptions(term: Term) -> Iterator[Exemption]:
    scope = Scope(frozenset({term.category}), frozenset({term.text}))
    for phrase in term.exceptions:
        yield Exemption(phrase, scope, None, term.reason, term.line)


def _problems(lexicon: Lexicon, folder: Folder) -> Iterator[Problem]:
    for term in lexicon.terms:
        file = f"{term.list_id}.tsv"
        letters = folder.fold(term.text)
        if len(letters) < MIN_LETTERS:
            yield Problem(
                file, term.line, f"词条过短：{term.text!r}", f"term too short: {term.text!r}"
            )
        if letters != term.text and not _is_plain(term.text):
            yield Problem(
                file,
                term.line,
                f"词条首尾有标点或含不可见字符：{term.text!r}",
                f"outer or unseen marks: {term.text!r}",
            )
        for phrase in term.exceptions:
            if letters not in folder.fold(phrase):
                yield Problem(
                    file,
                    term.line,
                    f"例外不含词条：{phrase!r}",
                    f"exception lacks the term: {phrase!r}",
                )
    for exemption in lexicon.exemptions:
        if len(folder.fold(exemption.phrase)) < MIN_LETTERS:
            yield Problem(
                f"{EXEMPTION_PREFIX}*.tsv",
                exemption.line,
                f"豁免短语过短：{exemption.phrase!r}",
                f"exempt phrase too short: {exemption.phrase!r}",
            )


def _is_plain(text: str) -> bool:
    """Say whether a term is as a text would plainly show it; outer marks would be lost."""
    seen = all(role(part) in (Role.LETTER, Role.SEPARATOR) for part in text)
    return seen and role(text[0]) is role(text[-1]) is Role.LETTER
