"""The register of providers, licences and surfaces, as senders and rules see it."""

import asyncio
from datetime import date, timedelta

import pytest

from app.db.session import Database
from app.db.versions import VersionsStale
from app.domain.facts import Licence, SurfaceFacts, Unknown
from app.errors import Conflict, Invalid, NotFound
from app.providers.enrolment import ProviderChange
from tests.fixtures.database import Ledger
from tests.fixtures.registers import (
    ADMIN,
    Registers,
    build_registers,
    details,
    new_provider,
    register_elsewhere,
    within_a_second,
)

NEWS = Licence(
    "internet_news", "国新网 3112020001", ("reprinting",), date(2026, 1, 1), date(2026, 12, 31)
)


async def test_a_new_provider_is_known_at_once_and_recorded(
    registers: Registers, audit_log: Ledger
) -> None:
    provider_id = await registers.provider(link_domains=("News.Example.com",))
    provider = (await registers.register.current()).provider(provider_id)
    assert provider is not None
    assert (provider.display_name, provider.link_domains) == ("晨窗", ("news.example.com",))
    assert await audit_log.kinds(provider_id) == ["provider_added"]


async def test_a_provider_with_nothing_right_hears_of_every_field(registers: Registers) -> None:
    wrong = new_provider(
        legal_name="", display_name="晨\u200b窗", credit_code="1", link_domains=("com",)
    )
    with pytest.raises(Invalid) as refused:
        await registers.enrolment.add_provider(ADMIN, wrong)
    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == ["/legal_name", "/display_name", "/credit_code", "/link_domains/0"]
    assert not (await registers.register.current()).providers


async def test_one_credit_code_is_registered_once(registers: Registers) -> None:
    new = new_provider()
    await registers.enrolment.add_provider(ADMIN, new)
    with pytest.raises(Conflict) as refused:
        await registers.enrolment.add_provider(ADMIN, new)
    assert refused.value.code == "credit_code_taken"


async def test_two_processes_that_fill_an_empty_register_at_once_both_succeed(
    registers: Registers, database_url: str
) -> None:
    """The first change ever makes the version's row, and two may be the first."""
    elsewhere = Database(database_url)
    try:
        others = build_registers(elsewhere, registers.clock)
        # Connections first, so that the two transactions really overlap.
        await others.watch.refresh()
        ids = await asyncio.gather(registers.provider(), others.provider())
        await registers.watch.refresh()
        assert set((await registers.register.current()).providers) == set(ids)
    finally:
        await elsewhere.close()


async def test_changes_of_a_provider_show_in_the_facts(
    registers: Registers, audit_log: Ledger
) -> None:
    provider_id = await registers.provider()
    change = ProviderChange("晨窗信息有限公司", "晨窗信息", ("example.cn",))
    await registers.enrolment.change_provider(ADMIN, provider_id, change)
    await registers.enrolment.suspend_provider(ADMIN, provider_id, "证照过期")
    facts = await registers.register.provider_facts(provider_id)
    assert (facts.legal_name, facts.link_domains, facts.suspended) == (
        "晨窗信息有限公司", ("example.cn",), True,
    )  # fmt: skip
    await registers.enrolment.resume_provider(ADMIN, provider_id, "已换证")
    assert not (await registers.register.provider_facts(provider_id)).suspended
    assert (await audit_log.kinds(provider_id)).count("provider_changed") == 3


async def test_an_unknown_provider_is_not_found(registers: Registers) -> None:
    with pytest.raises(NotFound):
        await registers.register.provider_facts("prv_none")
    with pytest.raises(NotFound):
        await registers.enrolment.suspend_provider(ADMIN, "prv_none", "无")


async def test_a_revoked_licence_no_longer_counts(registers: Registers, audit_log: Ledger) -> None:
    provider_id = await registers.provider()
    licence_id = await registers.enrolment.add_licence(ADMIN, provider_id, NEWS)
    assert (await registers.register.provider_facts(provider_id)).licences == (NEWS,)
    for _ in range(2):
        await registers.enrolment.revoke_licence(ADMIN, licence_id, "注销")
    assert (await registers.register.provider_facts(provider_id)).licences == ()
    assert await audit_log.kinds(licence_id) == ["licence_added", "licence_changed"]


@pytest.mark.parametrize(
    ("licence", "pointer"),
    [
        (Licence("driving", "1", (), date(2026, 1, 1), date(2027, 1, 1)), "/kind"),
        (Licence("internet_news", "1", (), date(2026, 1, 1), date(2027, 1, 1)), "/services"),
        (
            Licence("internet_news", "1", ("cooking",), date(2026, 1, 1), date(2027, 1, 1)),
            "/services",
        ),
        (
            Licence("audio_visual", "1", ("platform",), date(2026, 1, 1), date(2027, 1, 1)),
            "/services",
        ),
        (Licence("audio_visual", "1", (), date(2026, 1, 2), date(2026, 1, 1)), "/valid_to"),
        (Licence("audio_visual", "", (), date(2026, 1, 1), date(2027, 1, 1)), "/number"),
    ],
)
async def test_a_licence_that_makes_no_sense_is_refused(
    registers: Registers, licence: Licence, pointer: str
) -> None:
    provider_id = await registers.provider()
    with pytest.raises(Invalid) as refused:
        await registers.enrolment.add_licence(ADMIN, provider_id, licence)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


async def test_owner_and_grantee_may_push_and_nobody_else(
    registers: Registers, audit_log: Ledger
) -> None:
    owner, guest = await registers.provider(), await registers.provider()
    surface_id = await registers.surface(owner)

    async def may_push(provider_id: str) -> bool:
        return (await registers.register.current()).may_push(provider_id, surface_id)

    assert await may_push(owner)
    assert not await may_push(guest)
    await registers.surfaces.grant(ADMIN, surface_id, guest)
    assert await may_push(guest)
    await registers.surfaces.revoke_grant(ADMIN, surface_id, guest)
    assert not await may_push(guest)
    await registers.surfaces.grant(ADMIN, surface_id, guest)
    assert await may_push(guest)
    await registers.surfaces.close(ADMIN, surface_id)
    assert not await may_push(owner)
    assert not await registers.register.is_open(surface_id)
    await registers.surfaces.reopen(ADMIN, surface_id)
    assert await may_push(owner)
    assert (await audit_log.kinds(surface_id)).count("surface_changed") == 5


async def test_a_surface_is_not_granted_to_its_owner_or_to_nobody(registers: Registers) -> None:
    owner = await registers.provider()
    surface_id = await registers.surface(owner)
    with pytest.raises(Conflict):
        await registers.surfaces.grant(ADMIN, surface_id, owner)
    with pytest.raises(NotFound):
        await registers.surfaces.grant(ADMIN, surface_id, "prv_none")
    with pytest.raises(NotFound):
        await registers.surfaces.revoke_grant(ADMIN, surface_id, "prv_none")


async def test_the_facts_of_a_surface_say_whether_it_is_granted(registers: Registers) -> None:
    owner, guest = await registers.provider(), await registers.provider()
    surface_id = await registers.surface(owner, time_zone="Asia/Urumqi")
    facts = await registers.register.surface_facts(surface_id, guest)
    assert isinstance(facts, SurfaceFacts)
    assert (facts.granted, facts.time_zone, facts.channel) == (False, "Asia/Urumqi", "inbox")
    unknown = await registers.register.surface_facts("srf_none", owner)
    assert isinstance(unknown, Unknown)
    assert not unknown.outage


async def test_a_webhook_surface_gets_a_secret_that_the_ledger_never_sees(
    registers: Registers, audit_log: Ledger
) -> None:
    owner = await registers.provider()
    added = await registers.add_surface(owner, "webhook", webhook_url="https://example.com/hook")
    assert added.webhook is not None
    renewed = await registers.surfaces.renew_webhook_secret(ADMIN, added.surface_id)
    outcome = await registers.enrolment.set_outcome_webhook(ADMIN, owner, "https://example.com/out")
    register = await registers.register.current()
    surface, provider = register.surface(added.surface_id), register.provider(owner)
    assert surface is not None
    assert surface.webhook_secret == renewed.secret != added.webhook.secret
    assert provider is not None
    assert provider.outcome_secret == outcome.secret
    for secret in (added.webhook.secret, renewed.secret, outcome.secret):
        assert secret not in await audit_log.text()
        assert secret not in repr(register)


async def test_outcome_webhooks_are_sent_while_there_is_an_address(registers: Registers) -> None:
    owner = await registers.provider()

    async def tells() -> bool:
        await registers.register.current()
        return registers.register.tells(owner)

    assert not await tells()
    await registers.enrolment.set_outcome_webhook(ADMIN, owner, "https://example.com/out")
    assert await tells()
    await registers.enrolment.remove_outcome_webhook(ADMIN, owner)
    assert not await tells()


@pytest.mark.parametrize(
    ("channel", "url", "code"),
    [
        ("webhook", None, "required"),
        ("webhook", "http://example.com/hook", "bad_address"),
        ("inbox", "https://example.com/hook", "not_for_channel"),
    ],
)
async def test_a_webhook_address_goes_with_the_webhook_channel(
    registers: Registers, channel: str, url: str | None, code: str
) -> None:
    owner = await registers.provider()
    with pytest.raises(Invalid) as refused:
        await registers.surface(owner, channel, webhook_url=url)
    assert [problem.code for problem in refused.value.problems] == [code]


async def test_a_surface_changes_but_stays_on_its_channel(registers: Registers) -> None:
    surface_id = await registers.surface(await registers.provider())
    await registers.surfaces.change(
        ADMIN, surface_id, details(name="晨窗新闻", app_category="news")
    )
    surface = (await registers.register.current()).surface(surface_id)
    assert surface is not None
    assert (surface.name, surface.app_category) == ("晨窗新闻", "news")
    with pytest.raises(Conflict):
        await registers.surfaces.renew_webhook_secret(ADMIN, surface_id)


async def test_a_reading_older_than_a_second_is_not_used(
    registers: Registers, database_url: str
) -> None:
    provider_id = await registers.provider()
    await registers.register.current()
    elsewhere = Database(database_url)
    await build_registers(elsewhere, registers.clock).enrolment.suspend_provider(
        ADMIN, provider_id, "证照过期"
    )
    await elsewhere.close()
    assert not (await registers.register.provider_facts(provider_id)).suspended
    registers.clock.advance(timedelta(seconds=1.5))
    with pytest.raises(VersionsStale):
        registers.watch.number("register")
    assert (await registers.register.provider_facts(provider_id)).suspended


async def test_another_process_sees_a_change_within_a_second(
    registers: Registers, database_url: str
) -> None:
    provider_id = await registers.provider()
    async with register_elsewhere(database_url) as elsewhere:
        assert not (await elsewhere.provider_facts(provider_id)).suspended
        await registers.enrolment.suspend_provider(ADMIN, provider_id, "证照过期")

        async def suspended() -> bool:
            return (await elsewhere.provider_facts(provider_id)).suspended

        assert await within_a_second(suspended)
