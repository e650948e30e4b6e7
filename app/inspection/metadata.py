"""Reading the implicit label of GB 45438-2025 out of a picture's metadata: JSON under `AIGC`.

It stands in a PNG text chunk of that name, in an EXIF comment or in XMP. Nothing here is trusted:
whatever names the key and cannot be read comes out as unreadable.
"""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

from PIL import Image

from app.domain.pictures import AigcLabel, AigcMark

_KEY: Final = "AIGC"
_NAMED: Final = re.compile(r"(?<![A-Za-z0-9])AIGC(?![A-Za-z0-9])")
_BYTES: Final = frozenset({"exif", "xmp", "comment"})
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
# After the key a value has to follow: in JSON, as an attribute, as an element, as a comment.
_VALUE: Final = re.compile(r"\\?\"\s*:|\s*[=>]|:\s*(?=\{)")
_BEFORE_OBJECT: Final = re.compile(r"[\s\"'\\]{0,8}(?=\{)")
_LONGEST_PLACE: Final = 65_536
_LONGEST_VALUE: Final = 8_192
_LONGEST_FIELD: Final = 200
_MOST_MARKS: Final = 8

_FIELDS: Final = {
    "producer": "ContentProducer",
    "produce_id": "ProduceID",
    "propagator": "ContentPropagator",
    "propagate_id": "PropagateID",
}
_LABELS: Final = {one.value: one for one in AigcLabel if one is not AigcLabel.UNREADABLE}
_STRONGEST_FIRST: Final = tuple(AigcLabel)
_UNREADABLE: Final = AigcMark(AigcLabel.UNREADABLE)


def read_aigc(picture: Image.Image) -> AigcMark | None:
    """Return what a decoded picture says of itself, the strongest of several; None if nothing."""
    found = [mark for text in _places(picture) for mark in _marks(text)]
    return min(found, key=lambda mark: _STRONGEST_FIRST.index(mark.label), default=None)


def _places(picture: Image.Image) -> Iterator[str]:
    """Yield every text in which the key may stand, cut to a bounded length."""
    for name, value in picture.info.items():
        if isinstance(value, str):
            # A chunk of that name holds nothing else.
            named = f"{_KEY}=" if name == _KEY else ""
            yield named + value[:_LONGEST_PLACE]
        elif isinstance(value, bytes) and name in _BYTES:
            yield from _decoded(value[:_LONGEST_PLACE])


def _decoded(block: bytes) -> Iterator[str]:
    """Yield a block of metadata from the key on, in each encoding that it is written in there.

    The tags of EXIF are not followed: they may be broken, and the encoding that a comment names
    is often the wrong one.
    """
    for encoding in _ENCODINGS:
        at = block.find(_KEY.encode(encoding))
        if at >= 0:
            yield block[at:].decode(encoding, "replace")


def _marks(text: str) -> Iterator[AigcMark]:
    """Yield what stands under the key; a text that only speaks of AIGC is no label."""
    for named in list(_NAMED.finditer(text))[:_MOST_MARKS]:
        value = unescape(text[named.end() : named.end() + _LONGEST_VALUE])
        begins = _VALUE.match(value)
        if begins is not None:
            before = _BEFORE_OBJECT.match(value, begins.end())
            yield _UNREADABLE if before is None else _mark(value[before.end() :])


def _mark(written: str) -> AigcMark:
    """Read the JSON object that `written` begins with, which may stand within a JSON string."""
    read = json.JSONDecoder().raw_decode
    try:
        inner = written if not written.startswith('{\\"') else read(f'"{written}')[0]
        return _from_fields(read(inner)[0])
    except (ValueError, RecursionError):
        return _UNREADABLE


def _from_fields(value: dict[str, Any]) -> AigcMark:
    said = {name: value.get(key, "") for name, key in _FIELDS.items()}
    texts = {name: _short(one) for name, one in said.items() if isinstance(one, str)}
    is_whole = len(texts) == len(said)
    label = _LABELS.get(str(value.get("Label")).strip()) if is_whole else None
    return AigcMark(label or AigcLabel.UNREADABLE, **texts)


def _short(text: str) -> str:
    """Return what a person can be shown: one line of what can be seen, at most so long."""
    return "".join(one for one in text[:_LONGEST_FIELD] if one.isprintable()).strip()
