"""The segmentation guard: find the word that the border of a would-be hit cuts through."""

from app.screening.normalize import Reading
from app.screening.tokenizer import Tokenizer, Word


class BorderGuard:
    """The words of one reading; a run without separators is cut into words when first needed.

    Words never reach across a separator, but across characters that are not seen.
    """

    def __init__(self, tokenizer: Tokenizer, reading: Reading) -> None:
        self._tokenizer = tokenizer
        self.reading = reading
        self._around: list[Word | None] = [None] * len(reading.letters)

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
        word = self._around[place]
        return self._cut(place) if word is None else word

    def _cut(self, place: int) -> Word:
        """Note for every letter of a run the word that it is in, and return that of one place."""
        letters, breaks = self.reading.letters, self.reading.breaks
        first, last = place, place + 1
        while not breaks[first]:
            first -= 1
        while last < len(letters) and not breaks[last]:
            last += 1
        around: list[Word] = []
        for word, low, high in self._tokenizer.words(letters[first:last]):
            around += [(word, first + low, first + high)] * (high - low)
        self._around[first:last] = around
        return around[place - first]
