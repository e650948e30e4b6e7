"""The segmentation guard: find the word that the border of a would-be hit cuts through."""

from bisect import bisect_right

from app.screening.normalize import Reading
from app.screening.tokenizer import Tokenizer, Word


class BorderGuard:
    """The words of one reading; a run without separators is cut into words when first needed.

    Words never reach across a separator, but across characters that are not seen.
    """

    def __init__(self, tokenizer: Tokenizer, reading: Reading) -> None:
        self._tokenizer = tokenizer
        self.reading = reading
        self._runs: list[int] = []
        self._words: dict[int, tuple[list[int], list[Word]]] = {}

    def word_cut(self, start: int, end: int) -> str | None:
        """Return the word of which a hit takes only a part, or None.

        A word that the hit begins or ends, as 赌博 begins 赌博罪, is about the same thing and
        does not count; neither side of 中出 in 从中|出发 is a whole word, so that one does.
        """
        breaks = self.reading.breaks
        for border in (start, end):
            if border == len(breaks) or breaks[border]:
                continue
            word, low, high = self._word_around(border)
            aligned = low == start or high == end
            holds_it = low <= start and end <= high
            if low < border and not (holds_it and aligned):
                return word
        return None

    def is_in_word(self, place: int) -> bool:
        """Say whether a letter is part of a word of several letters."""
        _, low, high = self._word_around(place)
        return high - low > 1

    def _word_around(self, place: int) -> Word:
        """Return the word that a letter is in, with its place among all the letters."""
        if not self._runs:
            self._runs = [number for number, is_break in enumerate(self.reading.breaks) if is_break]
        run = bisect_right(self._runs, place) - 1
        first = self._runs[run]
        lows, words = self._words.get(run) or self._cut(run)
        word, low, high = words[bisect_right(lows, place - first) - 1]
        return word, first + low, first + high

    def _cut(self, run: int) -> tuple[list[int], list[Word]]:
        runs, letters = self._runs, self.reading.letters
        last = runs[run + 1] if run + 1 < len(runs) else len(letters)
        words = self._tokenizer.words(letters[runs[run] : last])
        self._words[run] = [word[1] for word in words], words
        return self._words[run]
