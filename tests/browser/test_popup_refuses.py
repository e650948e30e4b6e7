"""The web client shows nothing that was not released, and says why."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.popup_gateway import PopupGateway
from tests.fixtures.releases import RELEASE_TYPE, Signer, advertisement, release
from tests.fixtures.waiting import until, until_true

Envelope = dict[str, Any]
Make = Callable[[PopupGateway], Envelope]
Cases = list[tuple[str, str, Make]]
LATER = "2099-01-01T00:00:00Z"


def altered(popup_gate: PopupGateway) -> Envelope:
    envelope = popup_gate.signer.envelope(release())
    other = popup_gate.signer.envelope(release(title="今晚十点起系统升级"))
    return envelope | {"payload": other["payload"]}


def flipped_bit(popup_gate: PopupGateway) -> Envelope:
    envelope = popup_gate.signer.envelope(release())
    signature = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    signature[0] ^= 1
    envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    return envelope


def foreign(_gate: PopupGateway) -> Envelope:
    return Signer().envelope(release())


def impostor(popup_gate: PopupGateway) -> Envelope:
    """Signed with a foreign key under the gateway's key id."""
    envelope = Signer().envelope(release())
    envelope["signatures"][0]["keyid"] = popup_gate.signer.key_id
    return envelope


def signed(**changes: object) -> Make:
    return lambda popup_gate: popup_gate.signer.envelope(release(**changes))


def ad(**changes: object) -> Make:
    def make(popup_gate: PopupGateway) -> Envelope:
        payload = advertisement()
        for name, value in changes.items():
            part, _, inner = name.partition("__")
            if inner:
                payload[part][inner] = value
            else:
                payload[part] = value
        return popup_gate.signer.envelope(payload)

    return make


def without(field: str) -> Make:
    def make(popup_gate: PopupGateway) -> Envelope:
        payload = release()
        del payload[field]
        return popup_gate.signer.envelope(payload)

    return make


def no_list(_gate: PopupGateway) -> Envelope:
    return {"payloadType": RELEASE_TYPE, "payload": "e30="}


def plain_json(popup_gate: PopupGateway) -> Envelope:
    return popup_gate.signer.envelope(release(), "application/json")


def garbled(popup_gate: PopupGateway) -> Envelope:
    return popup_gate.signer.envelope(release()) | {"payload": "%%%"}


async def errors(page: Page) -> list[str]:
    """The codes of all problems reported so far, in order."""
    return [value for name, value in await page.evaluate("window.log") if name == "error"]


def link(url: str) -> dict[str, str]:
    return {"url": url, "opens": "browser"}


UNRELEASED: Cases = [
    ("altered payload", "altered", altered),
    ("flipped signature bit", "altered", flipped_bit),
    ("foreign key", "unknown_key", foreign),
    ("foreign key, our key id", "altered", impostor),
    ("no signature", "unsigned", lambda g: g.signer.envelope(release()) | {"signatures": []}),
    ("no signature list", "unsigned", no_list),
    ("another payload type", "wrong_type", plain_json),
    ("plain push, no envelope", "malformed", lambda _: release()),
    ("payload is no base64", "malformed", garbled),
    ("expired", "expired", signed(expires_at="2024-01-01T00:00:00Z")),
    ("released in the future", "not_released", signed(released_at="2098-01-01", expires_at=LATER)),
    ("another surface", "wrong_surface", signed(surface="srf_other")),
]  # fmt: skip

# What the gateway's own rules block before release; the client trusts no one and looks again.
UNLAWFUL: Cases = [
    ("no complaint address", "bad_content", without("complaint_url")),
    ("script as complaint address", "bad_content", signed(complaint_url="javascript:alert(1)")),
    ("script as link", "bad_content", signed(link=link("javascript:alert(1)"))),
    ("data link", "bad_content", signed(link=link("data:text/html,x"))),
    ("no provider", "bad_content", signed(provider={"id": "prv_1", "name": " "})),
    ("news without source", "bad_content", signed(kind="news")),
    ("unknown kind", "bad_content", signed(kind="promotion")),
    ("link with a password in it", "bad_content", signed(link=link("https://bank.example@x.example/"))),
    ("ad without label", "label_missing", ad(label=None)),
    ("ad with another word", "label_missing", ad(label__text="推广")),
    ("ad label too small", "label_missing", ad(label__size_dp=6)),
    ("ad label unreadable", "label_missing", ad(label__color="#EEEEEE")),
    ("ad label outside", "label_missing", ad(label__x_dp=310)),
    ("ad label under the mark", "label_missing", ad(label__x_dp=280)),
    ("no close mark", "close_contract", ad(close__present=False)),
    ("close after two taps", "close_contract", ad(close__taps=2)),
    ("close after a countdown", "close_contract", ad(close__delay_ms=3000)),
    ("close mark too small", "close_contract", ad(close__width_dp=20)),
    ("close mark outside", "close_contract", ad(close__x_dp=300)),
    ("close mark invisible", "close_contract", ad(close__color="#FAFAFA")),
    ("close leads somewhere", "close_contract", ad(close__opens_url="https://shop.example")),
    ("close reopens", "close_contract", ad(close__reopens=True)),
]  # fmt: skip


async def reasons(
    page: Page, popup_gate: PopupGateway, bad: list[tuple[str, str, Make]]
) -> dict[str, str]:
    """Send the bad envelopes and then a good one; return what was said about each bad one.

    The client takes them in order, so once the good one is on screen all others were judged.
    """
    for _, _, make in bad:
        popup_gate.send_envelope(make(popup_gate))
    good = popup_gate.send(release(release_id="rel_good", push_id="psh_good"))
    await page.goto(popup_gate.base + "/page")
    await until_true(lambda: popup_gate.events_of(good) == ["shown"], lambda: popup_gate.events)
    assert await page.evaluate("window.log.filter(([name]) => name === 'shown')") == [
        ["shown", "rel_good"]
    ]
    assert popup_gate.events == [(good, "shown")]
    return dict(zip([name for name, *_ in bad], await errors(page), strict=True))


async def test_an_envelope_that_was_not_released_shows_nothing_and_says_why(
    page: Page, popup_gate: PopupGateway
) -> None:
    expected = {name: reason for name, reason, _ in UNRELEASED}
    assert await reasons(page, popup_gate, UNRELEASED) == expected


async def test_even_a_signed_release_that_breaks_the_contract_is_not_shown(
    page: Page, popup_gate: PopupGateway
) -> None:
    expected = {name: reason for name, reason, _ in UNLAWFUL}
    assert await reasons(page, popup_gate, UNLAWFUL) == expected


async def test_what_expires_while_it_waits_its_turn_is_not_shown(
    page: Page, popup_gate: PopupGateway
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    popup_gate.send(release())
    popup_gate.send(release(release_id="rel_2", push_id="psh_2", expires_at=soon.isoformat()))
    await page.goto(popup_gate.base + "/page")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.wait_for_timeout(2200)
    await page.keyboard.press("Escape")
    await until(page, "window.log.some(([, code]) => code === 'expired')")
    assert await page.locator("popgate-popup").count() == 0


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        (
            "image_mismatch",
            lambda popup_gate, entry: popup_gate.assets.update({entry["sha256"]: b"other bytes"}),
        ),
        (
            "image_unavailable",
            lambda _gate, entry: entry.update(url="https://elsewhere.example/a.png"),
        ),
        ("image_unavailable", lambda popup_gate, entry: popup_gate.fail_once(entry["url"], 404)),
    ],
    ids=["other bytes", "foreign origin", "gone"],
)
async def test_an_image_that_is_not_the_released_one_stops_the_popup(
    page: Page,
    popup_gate: PopupGateway,
    *,
    reason: str,
    spoil: Callable[[PopupGateway, Any], object],
) -> None:
    entry = popup_gate.add_image("#336699")
    spoil(popup_gate, entry)
    popup_gate.send(release(images=[entry]))
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.log.some(([name]) => name === 'error')")
    assert ["error", reason] in await page.evaluate("window.log")
    assert await page.locator("popgate-popup").count() == 0


async def test_without_ed25519_nothing_is_taken_from_the_inbox_and_the_reason_is_said(
    page: Page, popup_gate: PopupGateway
) -> None:
    await page.add_init_script(
        "const no = () => Promise.reject(new Error('NotSupported'));"
        "Object.defineProperty(crypto.subtle, 'importKey', {value: no});"
    )
    popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.log.some(([name]) => name === 'error')")
    assert await page.evaluate("window.log.filter(([name]) => name === 'error')") == [
        ["error", "no_ed25519"]
    ]
    assert len(popup_gate.waiting) == 1
    assert not any("/v1/inbox" in path for path in popup_gate.paths)


async def test_a_release_signed_after_its_key_was_retired_is_refused(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.keys = [popup_gate.signer.entry(retired_at="2025-01-01T00:00:00Z")]
    popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.log.some(([, code]) => code === 'retired_key')")
    assert await page.locator("popgate-popup").count() == 0


async def test_a_rotated_key_is_learned_without_a_reload(
    page: Page, popup_gate: PopupGateway
) -> None:
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.client.status === 'connected'")
    popup_gate.signer = Signer()
    popup_gate.keys.append(popup_gate.signer.entry())
    popup_gate.send(release())
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_pinned_key_outweighs_what_the_gateway_serves(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.send(release())
    await page.goto(popup_gate.base + "/page?wait=1")
    await page.evaluate("(keys) => window.start({keys})", [Signer().entry()])
    await until(page, "window.log.some(([, code]) => code === 'unknown_key')")
    assert not any("popgate-keys" in path for path in popup_gate.paths)
