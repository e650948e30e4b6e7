"""Codes in pictures are read as a phone would read them, and nothing is made up."""

from io import BytesIO
from typing import cast

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from typing_extensions import Buffer

from app.domain.pictures import Code
from app.inspection import images
from app.inspection.codes import read_codes
from app.inspection.images import InspectedImage, inspect_bytes

WECHAT = "https://u.wechat.com/MAbcdefg"


def drawn(text: str, scale: int = 4, kind: str = "QRCode") -> Image.Image:
    """Return a code as a picture of its own."""
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    pixels = zxingcpp.write_barcode_to_image(code, scale=scale)
    height, width = pixels.shape
    return Image.frombytes("L", (width, height), bytes(memoryview(cast("Buffer", pixels))))


def poster(*codes: tuple[Image.Image, tuple[int, int]], size: tuple[int, int]) -> Image.Image:
    """Return a picture with codes at their places."""
    made = Image.new("RGB", size, "white")
    for code, place in codes:
        made.paste(code, place)
    return made


def clear(code: Image.Image) -> Image.Image:
    """Return a code whose white is transparent."""
    made = Image.new("RGBA", code.size, (0, 0, 0, 255))
    made.putalpha(ImageOps.invert(code))
    return made


@pytest.mark.parametrize(
    "picture",
    [
        drawn(WECHAT),
        ImageOps.invert(drawn(WECHAT)),
        drawn(WECHAT).rotate(31, expand=True, fillcolor=255),
        ImageOps.mirror(drawn(WECHAT)),
        drawn(WECHAT, scale=1),
        drawn(WECHAT).resize((66, 66), Image.Resampling.BOX),
        drawn(WECHAT, scale=12).resize((2600, 2600)),
        clear(drawn(WECHAT)),
        drawn(WECHAT).convert("P"),
        drawn(WECHAT).convert("1"),
        poster((drawn(WECHAT), (500, 300)), size=(1280, 720)),
        drawn(WECHAT, kind="Aztec"),
        drawn(WECHAT, kind="DataMatrix"),
        drawn(WECHAT, kind="PDF417"),
    ],
    ids=lambda picture: f"{picture.mode}-{picture.size}",
)
def test_a_code_is_read_however_it_is_shown(picture: Image.Image) -> None:
    assert [code.text for code in read_codes(picture)] == [WECHAT]


def test_every_code_is_read_with_its_place_from_top_to_bottom() -> None:
    low, high = drawn("https://kuaixun.example/low"), drawn("高处", scale=3)
    found = read_codes(poster((low, (40, 300)), (high, (200, 20)), size=(480, 480)))
    assert [code.text for code in found] == ["高处", "https://kuaixun.example/low"]
    assert [code.kind for code in found] == ["QRCode", "QRCode"]
    for code, picture, (x, y) in zip(found, (high, low), ((200, 20), (40, 300)), strict=True):
        left, top, right, bottom = code.box
        assert x <= left < right <= x + picture.width
        assert y <= top < bottom <= y + picture.height


def test_what_is_no_code_is_none() -> None:
    assert read_codes(Image.effect_noise((300, 300), 80)) == ()
    torn = drawn(WECHAT)
    torn.paste(255, (0, 0, torn.width, torn.height // 2))
    assert read_codes(torn) == ()
    assert read_codes(Image.new("RGB", (1, 1))) == ()


def test_no_more_codes_are_kept_than_anybody_could_look_at() -> None:
    one = drawn("a", scale=2)
    places = [(x * 60, y * 60) for x in range(6) for y in range(6)]
    crowd = poster(*((one, place) for place in places), size=(400, 400))
    assert len(read_codes(crowd)) == 16


def png(picture: Image.Image) -> bytes:
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def test_inspecting_a_picture_reads_its_codes() -> None:
    found = inspect_bytes(png(drawn(WECHAT)))
    assert isinstance(found, InspectedImage)
    assert found.codes is not None
    assert [code.text for code in found.codes] == [WECHAT]


def test_a_picture_that_the_reader_fails_on_counts_as_not_looked_into(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_: Image.Image) -> tuple[Code, ...]:
        raise RuntimeError

    monkeypatch.setattr(images, "read_codes", fails)
    found = inspect_bytes(png(drawn(WECHAT)))
    assert isinstance(found, InspectedImage)
    assert found.codes is None


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="abcXYZ0189:/?=&.-_微信加我领取红包", min_size=1, max_size=60))
def test_a_code_says_what_was_written_into_it(text: str) -> None:
    assert [code.text for code in read_codes(drawn(text))] == [text]


def test_a_code_comes_back_from_its_stored_form() -> None:
    code = Code("QRCode", WECHAT, (1, 2, 3, 4))
    assert Code.from_json(code.to_json()) == code
