"""What a browser calls itself, and the QR code that an app scans."""

import pytest
import zxingcpp
from PIL import Image

from app.console.agents import program_of
from app.console.qr import qr_code


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "Safari · macOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130 Mobile Safari/537", "Chrome · Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox · Linux"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)
def test_browser_and_system_are_recognised(agent: str, program: str) -> None:
    assert program_of(agent) == program


def test_the_drawing_of_a_qr_code_is_read_as_what_was_written() -> None:
    drawn = qr_code("otpauth://totp/Popgate:li.na?secret=GEZDGNBVGY3TQOJQ&issuer=Popgate")
    picture = Image.new("L", (drawn.size + 8, drawn.size + 8), 255)
    for run in drawn.path.split("M")[1:]:
        place, _, rest = run.partition("h")
        left, top = (int(one) for one in place.split())
        for at in range(int(rest.partition("v")[0])):
            picture.putpixel((left + at + 4, top + 4), 0)
    larger = picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)
    [read] = zxingcpp.read_barcodes(larger)
    assert read.text.endswith("secret=GEZDGNBVGY3TQOJQ&issuer=Popgate")
