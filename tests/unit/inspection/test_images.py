"""Pictures are judged by their header before anything decodes them, and then decoded once."""

import base64
import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.inspection.images import (
    ANIMATED,
    BAD_BASE64,
    BROKEN,
    LARGEST_BYTES,
    NOT_AN_IMAGE,
    TOO_MANY_BYTES,
    TOO_MANY_PIXELS,
    ImageRefused,
    InspectedImage,
    inspect_base64,
    inspect_bytes,
    inspect_images,
    read_header,
)


def picture(form: str, size: tuple[int, int] = (30, 20), **options: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "teal").save(made, form, **options)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("JPEG", progressive=True), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        (picture("WEBP", lossless=True), "image/webp"),
        (picture("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"), "image/webp"),
    ],
)
def test_a_still_picture_passes_with_its_bytes_unchanged(data: bytes, media_type: str) -> None:
    found = inspect_bytes(data)

    assert isinstance(found, InspectedImage)
    assert (found.media_type, found.width, found.height) == (media_type, 30, 20)
    assert found.data == data


def moving(form: str) -> bytes:
    made = BytesIO()
    frames = [Image.new("RGB", (9, 9), color) for color in ("red", "blue")]
    frames[0].save(made, form, save_all=True, append_images=frames[1:])
    return made.getvalue()


def lying_png(width: int, height: int) -> bytes:
    real = picture("PNG")
    return real[:16] + struct.pack(">II", width, height) + real[24:]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NOT_AN_IMAGE),
        (b"\x89PNG\r\n\x1a\n", NOT_AN_IMAGE),
        (b"\xff\xd8\xff", NOT_AN_IMAGE),
        (b"RIFF\0\0\0\0WEBPVP8X", NOT_AN_IMAGE),
        (b"GIF89a" + bytes(40), NOT_AN_IMAGE),
        (picture("BMP"), NOT_AN_IMAGE),
        (lying_png(0, 5), NOT_AN_IMAGE),
        (bytes(LARGEST_BYTES + 1), TOO_MANY_BYTES),
        (lying_png(40_000, 40_000), TOO_MANY_PIXELS),
        (lying_png(31, 20), BROKEN),
        (picture("PNG")[:60], BROKEN),
        (picture("JPEG")[:20], NOT_AN_IMAGE),
        (picture("JPEG")[:-40], BROKEN),
        (moving("PNG"), ANIMATED),
        (moving("WEBP"), ANIMATED),
    ],
)
def test_everything_else_is_refused_for_what_is_wrong(data: bytes, refusal: ImageRefused) -> None:
    assert inspect_bytes(data) == refusal


def test_the_size_comes_from_the_header_alone() -> None:
    header = read_header(lying_png(60_000, 50_000)[:33])

    assert header is not None
    assert (header.width, header.height) == (60_000, 50_000)


@pytest.mark.parametrize(
    "text", ["!", "QQ", "QQ=", "QUJD=", "Q Q=", "QQ==QQ==", "QUJD====", "图", "_-8="]
)
def test_base64_is_strict(text: str) -> None:
    assert inspect_base64(text) == BAD_BASE64


async def test_the_order_of_pictures_is_kept() -> None:
    encoded = [base64.b64encode(picture(form)).decode() for form in ("PNG", "JPEG")]

    found = await inspect_images([*encoded, "!"])

    kinds = [one.media_type if isinstance(one, InspectedImage) else one.code for one in found]
    assert kinds == ["image/png", "image/jpeg", "bad_base64"]


@settings(max_examples=200, deadline=None)
@given(
    base=st.sampled_from([picture("PNG"), picture("JPEG"), picture("WEBP")]),
    edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 700),
)
def test_no_bytes_whatever_crash_the_inspection(
    base: bytes, edits: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(base)
    for place, value in edits:
        if place < len(data):
            data[place] = value

    assert isinstance(inspect_bytes(bytes(data[:cut])), InspectedImage | ImageRefused)


def test_compressed_bombs_beside_the_picture_are_never_unpacked() -> None:
    bomb = zlib.compress(bytes(100_000_000), 9)
    for kind, head in ((b"iCCP", b"x\0\0"), (b"zTXt", b"x\0\0"), (b"iTXt", b"x\0\1\0\0\0")):
        data = head + bomb
        chunk = struct.pack(">I", len(data)) + kind + data
        chunk += struct.pack(">I", zlib.crc32(kind + data))
        whole = picture("PNG")
        tracemalloc.start()
        found = inspect_bytes(whole[:33] + chunk + whole[33:])
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert highest < 20_000_000, (kind, highest)
        assert found == BROKEN or isinstance(found, InspectedImage)
