"""Reading the codes in a picture that a phone's camera would read, in bounded time."""

from typing import Final

import zxingcpp
from PIL import Image

from app.domain.pictures import Code

# On a popup a picture is far smaller: what needs more pixels no camera reads off a screen.
_LONGEST_SIDE: Final = 2048
# A small code is read from its neighbours' grey once it is drawn larger.
_SMALL_SIDE: Final = 512
_ENLARGED: Final = 3
_MOST_CODES: Final = 16
_LONGEST_TEXT: Final = 2048
_WHITE: Final = 255
_OPAQUE: Final = frozenset({"1", "L", "RGB", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"})

Box = tuple[int, int, int, int]


def read_codes(picture: Image.Image) -> tuple[Code, ...]:
    """Return the codes of a decoded picture, at most 16, from top to bottom.

    Blocks for up to half a second. Light on dark, turned and small codes are read as well; what
    only looks like a code is none.
    """
    plain = _grey(picture)
    longest = max(plain.size)
    if longest > _LONGEST_SIDE:
        scale = _LONGEST_SIDE / longest
        found = _read(_resized(plain, scale))
    else:
        scale = 1.0
        found = _read(plain)
    if not found and longest <= _SMALL_SIDE:
        scale = float(_ENLARGED)
        found = _read(_resized(plain, scale))
    codes = [
        Code(kind, text[:_LONGEST_TEXT], _scaled(box, scale, picture.size))
        for kind, text, box in found
        if text
    ]
    return tuple(sorted(codes, key=lambda code: (code.box[1], code.box[0]))[:_MOST_CODES])


def _grey(picture: Image.Image) -> Image.Image:
    """Return the picture in shades of grey, what is transparent shown on white."""
    if picture.mode in _OPAQUE and "transparency" not in picture.info:
        return picture.convert("L")
    seen = picture.convert("RGBA")
    ground = Image.new("RGBA", seen.size, (_WHITE, _WHITE, _WHITE, _WHITE))
    return Image.alpha_composite(ground, seen).convert("L")


def _resized(picture: Image.Image, scale: float) -> Image.Image:
    width, height = picture.size
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC)


def _read(picture: Image.Image) -> list[tuple[str, str, Box]]:
    width, height = picture.size
    pixels = memoryview(picture.tobytes()).cast("B", shape=(height, width))
    kinds = zxingcpp.barcode_formats_from_str("AllMatrix")
    found = zxingcpp.read_barcodes(pixels, formats=kinds)
    return [(str(one.format.name), one.text, _box(one.position)) for one in found]


def _box(place: zxingcpp.Position) -> Box:
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [point.x for point in corners], [point.y for point in corners]
    return min(across), min(down), max(across), max(down)


def _scaled(box: Box, scale: float, size: tuple[int, int]) -> Box:
    left, top, right, bottom = (round(edge / scale) for edge in box)
    width, height = size
    return max(0, left), max(0, top), min(width, right), min(height, bottom)
