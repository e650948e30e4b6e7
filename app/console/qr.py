"""A QR code as one path of an SVG, so that the content security policy needs no exception."""

from dataclasses import dataclass, field
from itertools import groupby
from math import isqrt
from typing import cast

import zxingcpp


@dataclass(frozen=True, slots=True)
class QrCode:
    """A drawing of `size` by `size` squares, without the quiet zone of four around it."""

    size: int
    path: str = field(repr=False)


def qr_code(text: str) -> QrCode:
    """Return the QR code of a text, of which a sixth may be unreadable."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)
    pixels = bytes(cast("bytes", image))  # a buffer, which its types do not say
    size = isqrt(len(pixels))
    rows = [pixels[row * size : (row + 1) * size] for row in range(size)]
    return QrCode(size, "".join(_runs(number, row) for number, row in enumerate(rows)))


def _runs(number: int, row: bytes) -> str:
    """Return the dark runs of a row; a dark pixel is 0."""
    drawn, at = [], 0
    for value, run in groupby(row):
        length = len(list(run))
        if value == 0:
            drawn.append(f"M{at} {number}h{length}v1h-{length}z")
        at += length
    return "".join(drawn)
