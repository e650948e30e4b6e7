"""Nothing that a receiver answers can disturb the sending."""

import pytest

from app.clock import SystemClock
from app.egress.guard import Guard
from app.egress.signed_post import Heard, SignedPost, Target, signature, understood


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("30", 30),
        ("86400", 3600),
        ("9" * 5000, 3600),
        ("²", None),
        ("٣", None),
        ("-1", None),
        ("1.5", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        (None, None),
    ],
)
def test_a_wish_to_wait_is_bounded_and_nonsense_is_none(
    asked: str | None, wait: int | None
) -> None:
    assert understood(503, asked).retry_after == wait


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_refusal(status: int) -> None:
    assert understood(status, None).heard is Heard.REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://2130706433:9/",
        "http://0x7f000001:9/",
        "http://0177.0.0.1:9/",
        "http://127.1:9/",
        "http://0:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "http://[::1]:9/",
        "http://localhost:9/",
        "http://169.254.169.254/latest/meta-data/",
        "http://user:pw@127.0.0.1:9/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:9/",
        "http://[::1%25lo]:9/",
        "http://",
    ],
)
async def test_no_spelling_of_an_inner_address_is_connected_to(url: str) -> None:
    post = SignedPost(SystemClock(), Guard(""), 1.0)
    try:
        reply = await post.send(Target(url, "secret", "srf_1"), "evt_1", b"{}")
    finally:
        await post.aclose()
    assert reply.heard in {Heard.REFUSED, Heard.NOT_NOW}
    assert reply.status is None


def test_the_signature_is_what_a_receiver_computes() -> None:
    # openssl: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec
    expected = "sha256=8ad37ba156048ae0e0a5533c75cdf26fee88b07f93cb57ee4c80adb053012032"
    assert signature("whsec", "1700000000", b'{"a":1}') == expected
