"""Checks that bytes are one still PNG, JPEG or WebP picture, by its header before decoding it."""

import asyncio
import struct
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image

from app.domain.pictures import AigcMark, Code
from app.errors import Words
from app.inspection.codes import read_codes
from app.inspection.metadata import read_aigc

LARGEST_BYTES: Final = 512 * 1024
LARGEST_PIXELS: Final = 16_000_000

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_WEBP_ANIMATED: Final = 0x02
_VP8_START: Final = b"\x9d\x01\x2a"
_VP8L_SIGN: Final = 0x2F

# Decoding 16 megapixels takes tens of MiB: two at a time bound what hostile input can take.
_DECODERS = ThreadPoolExecutor(2, thread_name_prefix="images")


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """A picture that was decoded once to see that it can be; `data` is as it was sent.

    `codes` is None where the reader of codes failed on it, `aigc` where its file says nothing of
    how it was made.
    """

    data: bytes
    sha256: str
    media_type: str
    width: int
    height: int
    codes: tuple[Code, ...] | None = None
    aigc: AigcMark | None = None


@dataclass(frozen=True, slots=True)
class ImageRefused:
    """Why bytes are not a picture that we take: a stable code and words."""

    code: str
    message: Words


@dataclass(frozen=True, slots=True)
class _Header:
    format: str
    width: int
    height: int
    animated: bool


BAD_BASE64 = ImageRefused(
    "bad_base64",
    Words("不是有效的 Base64（标准字母表，含填充）", "Not base64 in the standard alphabet, padded"),
)
TOO_MANY_BYTES = ImageRefused(
    "image_too_large",
    Words(f"图片最多 {LARGEST_BYTES} 字节", f"A picture may have at most {LARGEST_BYTES} bytes"),
)
NOT_AN_IMAGE = ImageRefused(
    "unsupported_image",
    Words("仅支持 PNG、JPEG 或 WebP 图片", "Only PNG, JPEG and WebP pictures are supported"),
)
TOO_MANY_PIXELS = ImageRefused(
    "image_too_many_pixels",
    Words(f"图片最多 {LARGEST_PIXELS} 像素", f"A picture may have at most {LARGEST_PIXELS} pixels"),
)
ANIMATED = ImageRefused(
    "animated_image",
    Words("不支持动图或多帧图片", "A picture that moves or has several frames is not supported"),
)
BROKEN = ImageRefused(
    "broken_image", Words("图片损坏，无法解码", "The picture is broken and cannot be decoded")
)


async def inspect_images(encoded: Sequence[str]) -> list[InspectedImage | ImageRefused]:
    """Decode and check base64 pictures in worker threads; the order is kept.

    Size and format are read from the header first, so that a small file that unpacks to
    gigabytes is refused before anything unpacks it.
    """
    loop = asyncio.get_running_loop()
    return list(
        await asyncio.gather(
            *(loop.run_in_executor(_DECODERS, inspect_base64, one) for one in encoded)
        )
    )


def inspect_base64(encoded: str) -> InspectedImage | ImageRefused:
    """Decode strict base64 and check the picture; blocks while it decodes."""
    # The strict mode still lets padding pass that is not needed.
    if len(encoded) % 4 or encoded.endswith("==="):
        return BAD_BASE64
    try:
        data = a2b_base64(encoded, strict_mode=True)
    except (Base64Error, ValueError):
        return BAD_BASE64
    return inspect_bytes(data)


def inspect_bytes(data: bytes) -> InspectedImage | ImageRefused:
    """Check one picture; blocks while it decodes."""
    if len(data) > LARGEST_BYTES:
        return TOO_MANY_BYTES
    header = read_header(data)
    if header is None or header.width == 0 or header.height == 0:
        return NOT_AN_IMAGE
    if header.width * header.height > LARGEST_PIXELS:
        return TOO_MANY_PIXELS
    if header.animated:
        return ANIMATED
    found = _decode(data, header)
    if isinstance(found, ImageRefused):
        return found
    media_type = f"image/{header.format.lower()}"
    digest = sha256(data).hexdigest()
    return InspectedImage(data, digest, media_type, header.width, header.height, *found)


def read_header(data: bytes) -> _Header | None:
    """Return format and size from the first bytes alone; None if they are of no such format."""
    try:
        if data.startswith(_PNG):
            return _png_header(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg_header(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp_header(data)
    except (struct.error, IndexError):
        return None
    return None


def _decode(
    data: bytes, header: _Header
) -> tuple[tuple[Code, ...] | None, AigcMark | None] | ImageRefused:
    try:
        with Image.open(BytesIO(data), formats=[header.format]) as picture:
            # What the decoder sees has to be what the limit was checked against.
            if picture.size != (header.width, header.height):
                return BROKEN
            if getattr(picture, "is_animated", False):
                return ANIMATED
            picture.load()
            return _codes(picture), read_aigc(picture)
    except Exception:  # noqa: BLE001 - on hostile bytes a decoder may raise anything
        return BROKEN


def _codes(picture: Image.Image) -> tuple[Code, ...] | None:
    try:
        return read_codes(picture)
    except Exception:  # noqa: BLE001 - the picture is whole: a reviewer looks instead
        return None


def _png_header(data: bytes) -> _Header | None:
    if data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return _Header("PNG", width, height, animated=False)


def _jpeg_header(data: bytes) -> _Header | None:
    """Walk the segments to the first frame header (ITU-T T.81 B.2.2)."""
    place = 2
    while place < len(data):
        if data[place] != 0xFF:  # noqa: PLR2004 - begins every marker
            return None
        marker = data[place + 1]
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            place += 1
        elif marker in _JPEG_BARE:
            place += 2
        elif marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return _Header("JPEG", width, height, animated=False)
        else:
            place += 2 + max(2, struct.unpack_from(">H", data, place + 2)[0])
    return None


def _webp_header(data: bytes) -> _Header | None:
    """Read the first chunk (RFC 9649): VP8X has the canvas, VP8 and VP8L their frame."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return _Header("WEBP", width, height, animated=bool(data[20] & _WEBP_ANIMATED))
    if chunk == b"VP8L" and data[20] == _VP8L_SIGN:
        bits = struct.unpack_from("<I", data, 21)[0]
        return _Header("WEBP", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, animated=False)
    if chunk == b"VP8 " and data[23:26] == _VP8_START:
        width, height = struct.unpack_from("<HH", data, 26)
        return _Header("WEBP", width & 0x3FFF, height & 0x3FFF, animated=False)
    return None
