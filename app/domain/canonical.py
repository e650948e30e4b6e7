"""The one canonical byte form (RFC 8785, integers only) under every digest and signature."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Final

import orjson

LARGEST_INTEGER: Final = 2**53 - 1
"""RFC 8785 writes numbers as ECMAScript does: beyond this an integer would be rounded."""

# Objects of one kind have the same names.
_SHAPES_KEPT: Final = 512
_CONSTANTS: Final = {None: "null", True: "true", False: "false"}


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 form of a value made of dict, list, tuple, str, int, bool and None.

    Raises `TypeError` for a float, a key that is not a string or any other type, and
    `ValueError` for an integer beyond ±(2^53-1), a lone surrogate or a nesting that does not
    end. The message begins with the JSON pointer of the place.
    """
    try:
        return _written(value).encode()
    except (TypeError, ValueError) as error:
        _locate(value, "")
        raise ValueError(str(error)) from error  # pragma: no cover - _locate has raised
    except RecursionError as error:
        raise ValueError("nested too deeply for a canonical form") from error


Plain = Mapping[str, "Plain"] | Sequence["Plain"] | str | int | bool | None
"""What has a canonical form, as a checker of types can tell it from a float."""

_PLAIN: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def plain_canonical_bytes(value: Plain) -> bytes:
    """Return what `canonical_bytes` does, ten times as fast: all names have to be ASCII.

    For values whose types are known when they are written. Raises like `canonical_bytes`.
    """
    try:
        return orjson.dumps(value, option=_PLAIN)
    except TypeError:
        return canonical_bytes(value)


def sha256_digest(data: bytes) -> str:
    """Return the digest as it stands on the wire: `sha256:` and 64 lower-case hex digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _written(value: object) -> str:
    """Write one value; the message of what it raises is made afterwards, by `_locate`."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        if -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            return int.__repr__(value)
        raise ValueError
    if isinstance(value, dict):
        named = [
            quoted + (_quoted(item) if type(item := value[name]) is str else _written(item))
            for name, quoted in _in_order(tuple(value))
        ]
        return "{" + ",".join(named) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([_written(item) for item in value]) + "]"
    raise TypeError


@lru_cache(maxsize=_SHAPES_KEPT)
def _in_order(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return an object's names in their order, each with what is written before its value."""
    names = sorted(keys)
    if not "".join(names).isascii():
        names.sort(key=_code_units)
    return tuple((name, _quoted(name) + ":") for name in names)


def _code_units(name: str) -> bytes:
    """Sort key of RFC 8785 3.2.3: UTF-16 code units, which is not the order of code points."""
    return name.encode("utf-16-be")


def _locate(value: object, pointer: str) -> None:
    """Raise the error that names the first place `_written` cannot write, if there is one."""
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, dict):
        _locate_in_object(value, pointer)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _locate(item, f"{pointer}/{index}")
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError(f"{_place(pointer)}: {value} is beyond ±(2^53-1)")
    elif value is not None:
        kind = type(value).__name__
        raise TypeError(f"{_place(pointer)}: {kind} has no canonical form")


def _locate_in_object(value: Mapping[object, object], pointer: str) -> None:
    for name, item in value.items():
        if not isinstance(name, str):
            kind = type(name).__name__
            raise TypeError(f"{_place(pointer)}: a key is {kind}, not a string")
        _check_text(name, pointer)
        _locate(item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


def _check_text(text: str, pointer: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code, at = ord(text[error.start]), error.start
        raise ValueError(
            f"{_place(pointer)}: lone surrogate U+{code:04X} at character {at}"
        ) from error


def _place(pointer: str) -> str:
    return pointer or "(whole value)"
