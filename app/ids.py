"""Identifiers: a prefix that tells the kind, and a UUIDv7 in base32."""

import os
import time
from threading import Lock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_NOISE_BITS = 74
_NOISE_BYTES = 10
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_FORTY = (1 << 40) - 1


class _Source:
    """Makes the 122 free bits; grows with every call, and asks the system for noise rarely."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._noise = b""
        self._place = 0
        self._last = 0
        os.register_at_fork(after_in_child=self._forget)

    def next(self) -> int:
        """Return 48 bits of Unix time in milliseconds and 74 bits of noise, as one number."""
        with self._lock:
            if self._place + _NOISE_BYTES > len(self._noise):
                # One call for many ids: each one lets other threads run, and they take their time.
                self._noise, self._place = os.urandom(400 * _NOISE_BYTES), 0
            noise = int.from_bytes(self._noise[self._place : self._place + _NOISE_BYTES], "big")
            self._place += _NOISE_BYTES
            millis = time.time_ns() // 1_000_000
            made = millis << _NOISE_BITS | noise & ((1 << _NOISE_BITS) - 1)
            if made <= self._last:
                made = self._last + 1 + (noise & 0xFFFFFF)
            self._last = made
            return made

    def _forget(self) -> None:
        """Start anew in a forked child, whose noise would be its parent's."""
        self._lock = Lock()
        self._noise, self._place = b"", 0


_source = _Source()


def new_id(prefix: str) -> str:
    """Return `prefix`, an underscore and a UUIDv7 (RFC 9562) as 26 base32 characters.

    The first 48 bits are the Unix time in milliseconds, so that ids sort by age and inserts
    touch the end of an index; those of one process grow within a millisecond too.
    """
    free = _source.next()
    value = (free >> _NOISE_BITS) << 80 | 0x7 << 76 | ((free >> 62) & 0xFFF) << 64
    value |= 0b10 << 62 | free & ((1 << 62) - 1)
    high = value >> 80
    return (
        f"{prefix}_{_PAIRS[high >> 40]}{_eight(high & _FORTY)}"
        f"{_eight(value >> 40 & _FORTY)}{_eight(value & _FORTY)}"
    )


def _eight(bits: int) -> str:
    """Return eight digits for 40 bits; numbers of one machine word are shifted twice as fast."""
    pairs = _PAIRS
    return (
        f"{pairs[bits >> 30]}{pairs[bits >> 20 & 1023]}{pairs[bits >> 10 & 1023]}"
        f"{pairs[bits & 1023]}"
    )


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
