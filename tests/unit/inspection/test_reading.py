"""Words in pictures are read by a process of its own, which may be ended at any time."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from app.inspection.reading import PictureReader, missing_packages

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")

pytestmark = pytest.mark.skipif(
    bool(missing_packages()) or not FONT.is_file(),
    reason="needs the extra popgate[ocr] and Debian's fonts-noto-cjk",
)


def poster(text: str) -> bytes:
    picture = Image.new("RGB", (360, 80), "white")
    font = ImageFont.truetype(FONT, 40)
    ImageDraw.Draw(picture).text((10, 10), text, font=font, fill="black")
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


async def test_words_are_read_with_their_place_and_a_broken_picture_is_none() -> None:
    reader = PictureReader()
    try:
        lines = await reader.read(poster("加微信领取红包"))
        assert lines is not None
        assert [line.text for line in lines] == ["加微信领取红包"]
        left, top, right, bottom = lines[0].box
        assert 0 <= left < 30
        assert 250 < right <= 360
        assert 30 < bottom - top < 80
        assert await reader.read(b"no picture") is None
    finally:
        await reader.aclose()


def children() -> list[str]:
    """Return the command lines of this process's children."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    found = [Path(f"/proc/{pid}/cmdline") for pid in pids]
    return [one.read_text(encoding="utf-8") for one in found if one.exists()]


async def test_a_picture_that_takes_too_long_is_given_up_with_its_process() -> None:
    reader = PictureReader(seconds=0.01)
    assert await reader.read(poster("慢")) is None
    assert not any("spawn_main" in one for one in children())
    await reader.aclose()
