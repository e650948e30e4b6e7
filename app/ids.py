"""Identifiers: a prefix that tells the kind, and a UUIDv7 in base32."""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_RANDOM_BITS = 74


def new_id(prefix: str) -> str:
    """Return `prefix`, an underscore and a UUIDv7 (RFC 9562) as 26 base32 characters.

    The first 48 bits are the Unix time in milliseconds, so that ids sort by age and
    inserts touch the end of an index.
    """
    millis = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    value = (millis << 80) | (0x7 << 76) | ((noise >> 62) << 64) | (0b10 << 62)
    value |= noise & ((1 << 62) - 1)
    digits = [_ALPHABET[(value >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5)]
    return f"{prefix}_{''.join(digits)}"


def is_id(prefix: str, text: str) -> bool:
    """Tell whether `text` has the form of an id of that kind."""
    head, _, tail = text.partition("_")
    return head == prefix and len(tail) == _LENGTH and all(digit in _ALPHABET for digit in tail)


def issued_at(text: str) -> float:
    """Return the Unix time in seconds, to the millisecond, at which an id was made."""
    value = 0
    for digit in text.partition("_")[2]:
        value = value << 5 | _ALPHABET.index(digit)
    return (value >> 80) / 1000
