"""Texts as searches compare them."""

import unicodedata


def plain(text: str) -> str:
    """Return a text in one width and one case."""
    return unicodedata.normalize("NFKC", text).casefold()
