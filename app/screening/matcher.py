"""Find every occurrence of many terms in one pass over the letters of a text."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, MatchKind

Occurrence = tuple[int, int, int]

# Stands in no pattern, so that nothing is found across two texts.
BETWEEN = "\0"


class Matcher:
    """An immutable automaton over folded patterns; a new list of terms needs a new one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Build from patterns, none empty and all different; 50,000 take about 0.2 s."""
        self._automaton = AhoCorasick(list(patterns), matchkind=MatchKind.Standard)

    def find(self, letters: str) -> list[Occurrence]:
        """Return (pattern number, start, end) of all occurrences, overlapping ones too."""
        return self._automaton.find_matches_as_indexes(letters, overlapping=True)

    def find_in_parts(self, joined: str) -> dict[int, list[Occurrence]]:
        """Return the occurrences by number of part in texts joined by `BETWEEN`, in one pass.

        A pass lets other threads run and has to wait for them afterwards; one is enough.
        """
        found = self.find(joined)
        parts: dict[int, list[Occurrence]] = {}
        if found:
            sizes = (len(part) + 1 for part in joined.split(BETWEEN))
            starts = list(accumulate(sizes, initial=0))
            for number, start, end in found:
                part = bisect_right(starts, start) - 1
                first = starts[part]
                parts.setdefault(part, []).append((number, start - first, end - first))
        return parts
