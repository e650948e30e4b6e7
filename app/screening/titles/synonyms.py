"""The words that news uses for the same thing, and whether a text says a word in any of them."""

from collections import defaultdict
from functools import cache

from app.screening.tables import synonym_groups


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    others: dict[str, set[str]] = defaultdict(set)
    for group in synonym_groups():
        for word in group:
            others[word].update(group)
    return {word: tuple(sorted(known - {word})) for word, known in others.items()}


def is_said(word: str, text: str) -> bool:
    """Say whether a levelled text has a word, two letters of it side by side, or another for it."""
    if word in text or any(word[at : at + 2] in text for at in range(len(word) - 1)):
        return True
    return any(other in text for other in _groups().get(word, ()))
