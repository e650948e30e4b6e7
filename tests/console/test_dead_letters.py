"""Dead letters: what failed for good is listed, explained and tried again by a person."""

import re
from collections.abc import AsyncIterator

import pytest

from app.providers.surfaces import NewSurface, SurfaceDetails
from app.recipients.repository import Minor
from app.recipients.service import NewRecipient
from app.staff.roles import Role
from tests.fixtures.api import ADMIN, ApiStarter
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import opened, release
from tests.fixtures.receiver import Receiver
from tests.fixtures.turns import OneTurn

_REPLAY = re.compile(r'action="(/console/(?:dead-letters|outcome-events)/[^"]+/replay)"')


@pytest.fixture
async def console(api_starter: ApiStarter) -> AsyncIterator[Console]:
    """A console whose gateway may post to this machine and waits for no undo."""
    settings = {"undo_seconds": 0, "webhook_networks": "127.0.0.0/8"}
    async for one in opened(api_starter, None, **settings):
        yield one


async def dead_letter(console: Console, receiver: Receiver) -> None:
    """Release a push to a webhook that refuses it for good."""
    services = console.services
    details = SurfaceDetails(
        "示例站点", "Asia/Shanghai", "400-000-0000", "shopping", f"{receiver.url}/popups"
    )
    new = NewSurface(console.api.provider_id, "site", "webhook", details)
    surface = await services.surfaces.add(ADMIN, new)
    await services.watch.refresh()
    for token in ("r_1", "r_2"):
        await services.recipients.register(
            NewRecipient(surface.surface_id, token, None, Minor.NO), None
        )
    receiver.answers = ["400"]
    await release(console, surface=surface.surface_id)
    await services.watch.refresh()
    await services.dispatcher.run(OneTurn())
    assert len(await services.dead_letters.newest()) == 1


async def test_without_any_the_page_says_so(console: Console) -> None:
    lead = await console.person(Role.LEAD)
    assert "没有死信" in text_of((await lead.get("/console/dead-letters")).text)
    assert "没有这样的通知" in text_of((await lead.get("/console/outcome-events")).text)


async def test_a_dead_letter_is_replayed_once_and_delivered(
    console: Console, receiver: Receiver
) -> None:
    await dead_letter(console, receiver)
    lead = await console.person(Role.LEAD)
    page = await lead.get("/console/dead-letters")
    text = text_of(page.text)
    assert "秋季新茶上市" in text
    assert "下发失败 1" in text
    assert "将对失败与结果不明的 1 人重新投递" in text
    address = _REPLAY.findall(page.text)[0]
    await lead.post(address)
    assert "已重新放入发件箱，共 1 人" in text_of((await lead.follow()).text)
    await lead.post(address)
    assert "它已不是死信" in text_of((await lead.follow()).text)
    calls = len(receiver.calls)
    await console.services.watch.refresh()
    await console.services.dispatcher.run(OneTurn())
    assert len(receiver.calls) == calls + 1
    assert not await console.services.dead_letters.newest()


async def test_a_letter_of_a_withdrawn_push_cannot_be_replayed(
    console: Console, receiver: Receiver
) -> None:
    await dead_letter(console, receiver)
    lead = await console.person(Role.LEAD)
    address = _REPLAY.findall((await lead.get("/console/dead-letters")).text)[0]
    row = (await console.services.dead_letters.newest())[0]
    await console.services.pushes.withdraw_by_staff(ADMIN, "admin", row.push_id, "不再需要")
    page = await lead.get("/console/dead-letters")
    assert not _REPLAY.findall(page.text)
    assert "推送已停止，不能重新投递" in text_of(page.text)
    await lead.post(address)
    assert "推送已过期或已停止" in text_of((await lead.follow()).text)
    calls = len(receiver.calls)
    await console.services.dispatcher.run(OneTurn())
    assert len(receiver.calls) == calls


async def test_a_dead_notice_is_sent_again(console: Console, receiver: Receiver) -> None:
    services, provider = console.services, console.api.provider_id
    await services.enrolment.set_outcome_webhook(ADMIN, provider, f"{receiver.url}/outcomes")
    await services.watch.refresh()
    receiver.answers = ["410"] * 20
    await release(console)
    while await services.outcome_webhooks.run_once():
        pass
    admin = await console.person(Role.ADMIN)
    page = await admin.get("/console/outcome-events", state="dead")
    assert "push.state_changed" in page.text
    assert "示例茶业" in text_of(page.text)
    before = len(receiver.calls)
    receiver.answers = []
    address = _REPLAY.findall(page.text)[0]
    await admin.post(address)
    assert "已重新排队发送" in text_of((await admin.follow()).text)
    await services.outcome_webhooks.run_once()
    assert len(receiver.calls) == before + 1
    delivered = text_of((await admin.get("/console/outcome-events", state="delivered")).text)
    assert "已送达" in delivered
    await admin.post(address)
    assert "它已不是死信" in text_of((await admin.follow()).text)


async def test_auditors_look_and_reviewers_do_not(console: Console, receiver: Receiver) -> None:
    await dead_letter(console, receiver)
    auditor = await console.person(Role.AUDITOR, language="en")
    page = await auditor.get("/console/dead-letters")
    assert page.status_code == 200
    assert "Dead letters" in text_of(page.text)
    assert not _REPLAY.findall(page.text)
    row = (await console.services.dead_letters.newest())[0]
    refused = await auditor.post(f"/console/dead-letters/{row.id}/replay")
    assert refused.status_code == 403
    reviewer = await console.person(Role.REVIEWER)
    for path in ("/console/dead-letters", "/console/outcome-events"):
        assert (await reviewer.get(path)).status_code == 403
