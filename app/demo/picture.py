"""A picture for the demo's advertisement, drawn here so that no file of anybody's is needed."""

import base64
import io
from functools import cache
from typing import Final

from PIL import Image, ImageDraw

_SIZE: Final = (640, 280)
_SKY_TOP: Final = (253, 244, 227)
_SKY_END: Final = (214, 232, 214)
_HILLS: Final = (
    ((143, 178, 148), ((0, 190), (110, 120), (230, 180), (360, 105), (520, 185), (640, 130))),
    ((98, 146, 110), ((0, 225), (150, 165), (300, 220), (450, 160), (640, 215))),
    ((60, 110, 78), ((0, 255), (200, 210), (420, 250), (640, 220))),
)
_SUN: Final = (500, 34, 560, 94)


@cache
def tea_hills() -> str:
    """Return base64 of a PNG of tea hills in the morning."""
    image = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(image)
    width, height = _SIZE
    for y in range(height):
        share = y / height
        colour = tuple(
            round(top + (end - top) * share) for top, end in zip(_SKY_TOP, _SKY_END, strict=True)
        )
        draw.line(((0, y), (width, y)), fill=colour)
    draw.ellipse(_SUN, fill=(240, 178, 96))
    for colour, ridge in _HILLS:
        draw.polygon([*ridge, (width, height), (0, height)], fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()
