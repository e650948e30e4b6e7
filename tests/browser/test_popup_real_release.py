"""What the gateway's own code releases and signs is what the web client accepts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from playwright.async_api import Page, expect

from app.clock import SystemClock
from app.domain.canonical import canonical_bytes
from app.domain.envelope import RELEASE_TYPE, ReleaseFacts, release_payload
from app.signing.dsse import seal
from app.signing.keyring import Keyring
from app.signing.keys import Purpose
from tests.fixtures.facts import facts_of
from tests.fixtures.popup_gateway import PopupGateway
from tests.fixtures.releases import SURFACE


@pytest.mark.parametrize("base", ["advertisement", "news", "general"])
async def test_a_release_made_and_signed_by_the_gateway_is_shown(
    page: Page, popup_gate: PopupGateway, tmp_path: Path, *, base: str
) -> None:
    clock = SystemClock()
    keyring = Keyring.load_or_create(tmp_path / "keys", clock)
    popup_gate.keys = [key.as_json() for key in keyring.public_keys()]
    push = replace(
        facts_of(base).push, surface=SURFACE, expires_at=clock.now() + timedelta(hours=1), images=()
    )
    facts = ReleaseFacts(
        release_id="rel_01hgx3m5qk7vxkq2n8r4t6w9ya",
        push_id="psh_01hgx3m5qk7vxkq2n8r4t6w9ya",
        digest="sha256:" + "a" * 64,
        provider_id="prv_1",
        provider_name="晨窗科技有限公司",
        complaint_url=popup_gate.base + "/c/rel_01hgx3m5qk7vxkq2n8r4t6w9ya",
        released_at=clock.now(),
    )
    sealed = seal(
        RELEASE_TYPE,
        canonical_bytes(release_payload(push, facts)),
        lambda data: keyring.sign(Purpose.ENVELOPE, data),
    )
    popup_gate.send_envelope(orjson.loads(sealed))
    await page.goto(popup_gate.base + "/page")
    await expect(page.get_by_role("dialog")).to_contain_text(push.title)
    assert await page.evaluate("window.log.filter(([name]) => name === 'error')") == []
