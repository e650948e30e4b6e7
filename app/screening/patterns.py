"""What the matcher looks for: terms and exempting phrases, folded as texts are, and disguises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from app.screening.exemptions import Exemption, Scope
from app.screening.lexicon import Lexicon
from app.screening.normalize import Folder
from app.screening.rows import WordListError
from app.screening.soundness import MIN_LETTERS, problems_of
from app.screening.variants import Disguises, Variant
from app.screening.views import HEARD, View, Views, line_by_line
from app.screening.wordlist import Term

# Letters of a term this long do not come together by chance, across a comma or a word's border.
LONG_TERM = 4
_RAW, _SEEN = int(View.RAW), int(View.SEEN)

Owners = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One folded string, the terms that are written so, and the exemptions for that phrase.

    `breaks[i]` says that the first term or phrase itself has a separator before its letter i;
    `texts` are all terms and phrases as plainly written, `characters` those in them.
    """

    letters: str
    breaks: Sequence[bool]
    texts: frozenset[str]
    characters: frozenset[str]
    terms: tuple[Term, ...]
    exemptions: tuple[Exemption, ...]
    has_latin_end: bool


class PatternSet:
    """All strings that the matcher numbers: first one for each pattern, then further disguises.

    Compiling goes over whole columns of terms at once; what only a hit needs is made when the
    first one comes, and kept. Nothing else changes, so threads may share it.
    """

    def __init__(self, folder: Folder, views: Views) -> None:
        self._folder = folder
        self._disguises = Disguises(views)
        self._numbers: dict[str, int] = {}
        self._terms: dict[int, tuple[Term, ...]] = {}
        self._exemptions: dict[int, tuple[Exemption, ...]] = {}
        self._owners: dict[int, dict[int, Owners]] = {_RAW: {}, _SEEN: {}, HEARD: {}}
        self._patterns: dict[int, Pattern] = {}
        self._variants: dict[tuple[int, int, int], Variant] = {}
        self.size = 0
        self.longest_phrase = 0
        self.strings: list[str] = []
        self.counts_in = bytearray()

    @classmethod
    def compile(cls, lexicon: Lexicon, folder: Folder, views: Views) -> Self:
        """Fold all terms and phrases; raise WordListError for those that could never be met.

        60,000 terms take half a second.
        """
        letters = [folder.fold(term.text) for term in lexicon.terms]
        problems = tuple(problems_of(lexicon, letters, folder))
        if problems:
            raise WordListError(problems)
        made = cls(folder, views)
        made._add_terms(lexicon.terms, letters)
        made._add_phrases(lexicon)
        made._add_disguises(views)
        made.strings = list(made._numbers)
        return made

    @property
    def words(self) -> list[str]:
        """The terms, folded."""
        return self.strings[: len(self._terms)]

    def owners(self, view: int) -> dict[int, Owners]:
        """Return by string the patterns of which it may be a disguise when met in a view.

        A string that counts as seen and is not in it stands for the pattern of its own number.
        """
        return self._owners[_kind(view)]

    def pattern(self, number: int) -> Pattern:
        """Return a pattern by number, less than `size`."""
        pattern = self._patterns.get(number)
        if pattern is None:
            pattern = self._patterns[number] = self._make(number)
        return pattern

    def variant(self, own: int, number: int, view: int) -> Variant:
        """Return how string `number`, met in a view, is a disguise of pattern `own`."""
        key = (own, number, _kind(view))
        variant = self._variants.get(key)
        if variant is None:
            letters, string = self.strings[own], self.strings[number]
            variant = self._variants[key] = self._disguises.explain(letters, string, key[2])
        return variant

    def _make(self, number: int) -> Pattern:
        terms, exemptions = self._terms.get(number, ()), self._exemptions.get(number, ())
        texts = [*(term.text for term in terms), *(one.phrase for one in exemptions)]
        letters = self.strings[number]
        return Pattern(
            letters,
            self._folder.read(texts[0]).breaks,
            frozenset(texts),
            frozenset().union(*texts),
            terms,
            exemptions,
            letters[0].isascii() or letters[-1].isascii(),
        )

    def _add_terms(self, terms: Sequence[Term], letters: Sequence[str]) -> None:
        numbers = self._numbers
        for term, folded in zip(terms, letters, strict=True):
            number = numbers.setdefault(folded, len(numbers))
            self._terms[number] = (*self._terms.get(number, ()), term)

    def _add_phrases(self, lexicon: Lexicon) -> None:
        own = [one for term in lexicon.terms if term.exceptions for one in _exceptions(term)]
        for exemption in (*own, *lexicon.exemptions):
            letters = self._folder.fold(exemption.phrase)
            number = self._numbers.setdefault(letters, len(self._numbers))
            self._exemptions[number] = (*self._exemptions.get(number, ()), exemption)
            self.longest_phrase = max(self.longest_phrase, len(letters))
        self.size = len(self._numbers)
        self.counts_in = bytearray([_RAW]) * self.size

    def _add_disguises(self, views: Views) -> None:
        letters = list(self._numbers)[: len(self._terms)]
        seen = line_by_line(letters, views.seen)
        heard = line_by_line(letters, views.heard)
        for own, string in enumerate(letters):
            if seen[own] == string:
                self.counts_in[own] |= _SEEN
        for own, string in enumerate(letters):
            is_other = seen[own] != string and len(seen[own]) >= MIN_LETTERS
            if is_other and not seen[own].isascii():
                self._add(own, seen[own], _SEEN)
            if heard[own].isascii():
                terms = self._terms[own]
                for kind, further in self._disguises.strings(string, heard[own], terms):
                    self._add(own, further, kind)

    def _add(self, own: int, string: str, kind: int) -> None:
        number = self._numbers.setdefault(string, len(self._numbers))
        if number == len(self.counts_in):
            self.counts_in.append(0)
        is_itself = kind == _SEEN and self.counts_in[number] & _SEEN
        first = (number,) if is_itself else ()
        self._owners[kind][number] = (*self._owners[kind].get(number, first), own)
        self.counts_in[number] |= kind


def _exceptions(term: Term) -> Iterator[Exemption]:
    scope = Scope(frozenset({term.category}), frozenset({term.text}))
    for phrase in term.exceptions:
        yield Exemption(phrase, scope, None, term.reason, term.line)


def _kind(view: int) -> int:
    """Return under which of three kinds the strings of a view are kept."""
    return view if view in (_RAW, _SEEN) else HEARD
