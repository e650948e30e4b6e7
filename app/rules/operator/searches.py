"""Searches in one text, all in linear time."""

import re
from typing import Final

import re2

from app.domain.decision import Span
from app.rules.operator.programs import Test

_PATTERN_MEMORY: Final = 1 << 20
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def equal_to(against: str) -> Test:
    """Find a text that is the whole."""
    return lambda value: (0, len(value)) if value == against else None


def containing(against: str) -> Test:
    """Find the first place of a text in another."""

    def test(value: str) -> Span | None:
        at = value.find(against)
        return None if at < 0 else (at, at + len(against))

    return test


def starting_with(against: str) -> Test:
    """Find a text at the start."""
    return lambda value: (0, len(against)) if value.startswith(against) else None


def ending_with(against: str) -> Test:
    """Find a text at the end."""
    return lambda value: (
        (len(value) - len(against), len(value)) if value.endswith(against) else None
    )


def matching(source: str) -> Test:
    """Return a search in linear time: RE2 has no back references and no looking around.

    Raises ValueError for what is no expression.
    """
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    try:
        pattern = re2.compile(source, options)
    except re2.error as error:
        raise ValueError(str(error)) from error

    def test(value: str) -> Span | None:
        found = pattern.search(_encodable(value))
        return None if found is None else (found.start(), found.end())

    return test


def _encodable(value: str) -> str:
    """Return a text of the same length without lone surrogates, which RE2 cannot read."""
    return _SURROGATES.sub("\ufffd", value)
