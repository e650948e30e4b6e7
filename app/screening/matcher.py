"""Find every occurrence of many terms in one pass over the letters of a text."""

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

Occurrence = tuple[int, int, int]


class Matcher:
    """An immutable automaton over folded patterns; a new list of terms needs a new one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Build from patterns, none empty and all different; 50,000 take about 0.2 s."""
        self._automaton = AhoCorasick(list(patterns), matchkind=MatchKind.Standard)

    def find(self, letters: str) -> list[Occurrence]:
        """Return (pattern number, start, end) of all occurrences, overlapping ones too."""
        return self._automaton.find_matches_as_indexes(letters, overlapping=True)
