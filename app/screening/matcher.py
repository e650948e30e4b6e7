"""Find every occurrence of many terms in one pass over the letters of a text."""

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

Occurrence = tuple[int, int, int]

# Stands in no pattern, so that nothing is found across two texts.
BETWEEN = "\0"


class Matcher:
    """An immutable automaton over folded patterns; a new list of terms needs a new one."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Build from patterns, none empty and all different; 50,000 take about 0.2 s."""
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard)

    def find(self, letters: str) -> list[Occurrence]:
        """Return (pattern number, start, end) of all occurrences, overlapping ones too, by end."""
        return self._automaton.find_matches_as_indexes(letters, overlapping=True)

    def find_in_parts(self, parts: Sequence[str]) -> dict[int, list[Occurrence]]:
        """Return the occurrences by number of part in several texts, in one pass.

        A pass lets other threads run and has to wait for them afterwards; one is enough.
        """
        found: dict[int, list[Occurrence]] = {}
        number, first, last = 0, 0, len(parts[0]) if parts else 0
        own: list[Occurrence] = []
        for pattern, start, end in self.find(BETWEEN.join(parts)):
            if end > last:
                own = []
                while end > last:
                    first = last + len(BETWEEN)
                    number += 1
                    last = first + len(parts[number])
            if not own:
                found[number] = own
            own.append((pattern, start - first, end - first))
        return found
