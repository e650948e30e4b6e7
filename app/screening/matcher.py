"""Find every occurrence of many terms in one pass over the letters of a text."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, MatchKind

Occurrence = tuple[int, int, int]

# Stands in no pattern, so that nothing is found across two texts.
_BETWEEN = "\0"


class Matcher:
    """An immutable automaton over folded patterns; a new list of terms needs a new one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Build from patterns, none empty and all different; 50,000 take about 0.2 s."""
        self._automaton = AhoCorasick(list(patterns), matchkind=MatchKind.Standard)

    def find(self, letters: str) -> list[Occurrence]:
        """Return (pattern number, start, end) of all occurrences, overlapping ones too."""
        return self._automaton.find_matches_as_indexes(letters, overlapping=True)

    def find_in_each(self, texts: Sequence[str]) -> list[list[Occurrence]]:
        """Return the occurrences in each of several texts, in one pass over all of them.

        A pass lets other threads run and has to wait for them afterwards; one is enough.
        """
        found = self.find(_BETWEEN.join(texts))
        each: list[list[Occurrence]] = [[] for _ in texts]
        if found:
            starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
            for number, start, end in found:
                field = bisect_right(starts, start) - 1
                each[field].append((number, start - starts[field], end - starts[field]))
        return each
