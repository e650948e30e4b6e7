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
        self._reading = reading
        self._starts = [place for place, is_break in enumerate(reading.breaks) if is_break]
        self._words: dict[int, list[Word]] = {}

    def word_cut(self, start: int, end: int) -> str | None:
        """Return the word of which a hit takes only a part, or None.

        A word that the hit begins or ends, as 赌博 begins 赌博罪, is about the same thing and
        does not count; neither side of 中出 in 从中|出发 is a whole word, so that one does.
        """
        for border in (start, end):
            word, low, high = self._word_around(border)
            aligned = low == start or high == end
            holds_it = low <= start and end <= high
            if low < border < high and not (holds_it and aligned):
                return word
        return None

    def is_in_word(self, place: int) -> bool:
        """Say whether a letter is part of a word of several letters."""
        number = bisect_right(self._starts, place) - 1
        words = self._words_from(number)
        _, low, high = words[bisect_right(words, place - self._starts[number], key=_low) - 1]
        return high - low > 1

    def _word_around(self, border: int) -> Word:
        number = bisect_right(self._starts, border) - 1
        first = self._starts[number]
        if border == first:
            return "", border, border
        words = self._words_from(number)
        within = bisect_right(words, border - first, key=_low) - 1
        word, low, high = words[within]
        return word, first + low, first + high

    def _words_from(self, number: int) -> list[Word]:
        first = self._starts[number]
        words = self._words.get(first)
        if words is None:
            last = self._starts[number + 1] if number + 1 < len(self._starts) else None
            words = self._tokenizer.words(self._reading.letters[first:last])
            self._words[first] = words
        return words


def _low(word: Word) -> int:
    return word[1]
