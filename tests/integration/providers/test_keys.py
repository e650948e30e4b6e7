"""Senders' keys: shown once, two at once, scoped, revoked for good."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Conflict, Invalid, NotFound
from app.providers.keys import IssuedKey, NewSender
from app.providers.models import sender_keys
from tests.fixtures.database import Ledger
from tests.fixtures.registers import (
    ADMIN,
    EVERY_SCOPE,
    Registers,
    register_elsewhere,
    within_a_second,
)


@pytest.fixture
async def sender_id(registers: Registers) -> str:
    return await registers.sender(await registers.provider())


async def test_a_key_names_its_sender_and_nothing_stores_it(
    registers: Registers, sender_id: str, audit_log: Ledger
) -> None:
    issued = await registers.keys.issue(ADMIN, sender_id)
    caller = await registers.register.authenticate(issued.raw)
    assert caller is not None
    assert (caller.sender_id, caller.key_id) == (sender_id, issued.key_id)
    assert caller.submitter == f"sender:{sender_id}"
    assert caller.scopes == EVERY_SCOPE
    rows = await registers.db.read(lambda tx: tx.execute(select(sender_keys)).all())
    assert issued.raw not in str(rows)
    assert issued.raw not in await audit_log.text()
    assert issued.raw not in repr(issued)
    assert await audit_log.kinds(issued.key_id) == ["key_issued"]


@pytest.mark.parametrize(
    "raw", ["", "pgk_", "pgk_unknown", "pgk_\ud800", "x" * 5000, "pgk_" + "x" * 500]
)
async def test_what_is_no_key_names_nobody(registers: Registers, sender_id: str, raw: str) -> None:
    await registers.keys.issue(ADMIN, sender_id)
    assert await registers.register.authenticate(raw) is None


async def test_two_keys_live_side_by_side_and_a_third_is_refused(
    registers: Registers, sender_id: str
) -> None:
    first, second = [await registers.keys.issue(ADMIN, sender_id) for _ in range(2)]
    with pytest.raises(Conflict) as refused:
        await registers.keys.issue(ADMIN, sender_id)
    assert refused.value.code == "too_many_keys"
    assert await registers.register.authenticate(first.raw) is not None
    assert await registers.register.authenticate(second.raw) is not None
    await registers.keys.revoke_key(ADMIN, first.key_id)
    await registers.keys.issue(ADMIN, sender_id)
    assert await registers.register.authenticate(first.raw) is None


async def test_sixty_four_at_once_make_two_keys(
    registers: Registers, sender_id: str, audit_log: Ledger
) -> None:
    done = await asyncio.gather(
        *(registers.keys.issue(ADMIN, sender_id) for _ in range(64)), return_exceptions=True
    )
    assert sum(isinstance(one, IssuedKey) for one in done) == 2
    assert sum(isinstance(one, Conflict) for one in done) == 62
    assert len((await registers.register.current()).keys_of(sender_id)) == 2
    assert (await audit_log.kinds()).count("key_issued") == 2


async def test_a_revoked_key_is_refused_elsewhere_within_a_second(
    registers: Registers, sender_id: str, database_url: str
) -> None:
    issued = await registers.keys.issue(ADMIN, sender_id)
    async with register_elsewhere(database_url) as elsewhere:
        assert await elsewhere.authenticate(issued.raw) is not None
        await registers.keys.revoke_key(ADMIN, issued.key_id)

        async def refused() -> bool:
            return await elsewhere.authenticate(issued.raw) is None

        assert await within_a_second(refused)


async def test_revoking_a_sender_revokes_its_keys(
    registers: Registers, sender_id: str, audit_log: Ledger
) -> None:
    issued = [await registers.keys.issue(ADMIN, sender_id) for _ in range(2)]
    for _ in range(2):
        await registers.keys.revoke_sender(ADMIN, sender_id)
    for key in issued:
        assert await registers.register.authenticate(key.raw) is None
        assert await audit_log.kinds(key.key_id) == ["key_issued", "key_revoked"]
    assert await audit_log.kinds(sender_id) == ["sender_added", "sender_changed"]
    with pytest.raises(Conflict) as refused:
        await registers.keys.issue(ADMIN, sender_id)
    assert refused.value.code == "sender_revoked"


async def test_revoking_twice_is_recorded_once(
    registers: Registers, sender_id: str, audit_log: Ledger
) -> None:
    issued = await registers.keys.issue(ADMIN, sender_id)
    for _ in range(2):
        await registers.keys.revoke_key(ADMIN, issued.key_id)
    assert await audit_log.kinds(issued.key_id) == ["key_issued", "key_revoked"]


async def test_unknown_senders_and_keys_are_not_found(registers: Registers) -> None:
    for call in (
        registers.keys.issue(ADMIN, "snd_none"),
        registers.keys.revoke_sender(ADMIN, "snd_none"),
        registers.keys.revoke_key(ADMIN, "key_none"),
        registers.sender("prv_none"),
    ):
        with pytest.raises(NotFound):
            await call


async def test_a_holder_has_to_be_on_the_staff_if_they_are_named_as_such(
    registers: Registers,
) -> None:
    provider_id = await registers.provider()
    with pytest.raises(NotFound):
        await registers.sender(provider_id, "stf_none")


@pytest.mark.parametrize("scopes", [set(), {"push:submit", "root"}])
async def test_scopes_are_a_closed_set_and_at_least_one(
    registers: Registers, scopes: set[str]
) -> None:
    new = NewSender(await registers.provider(), "发送方", "李娜", None, frozenset(scopes))
    with pytest.raises(Invalid) as refused:
        await registers.keys.add_sender(ADMIN, new)
    assert [problem.pointer for problem in refused.value.problems] == ["/scopes"]


async def test_a_name_is_used_once_in_a_provider_until_it_is_revoked(registers: Registers) -> None:
    new = NewSender(await registers.provider(), "发送方", "李娜", None, EVERY_SCOPE)
    sender_id = await registers.keys.add_sender(ADMIN, new)
    with pytest.raises(Conflict) as refused:
        await registers.keys.add_sender(ADMIN, new)
    assert refused.value.code == "sender_name_taken"
    found = await registers.keys.find_sender(new.provider_id, "发送方")
    assert found is not None
    assert found.id == sender_id
    await registers.keys.revoke_sender(ADMIN, sender_id)
    assert await registers.keys.add_sender(ADMIN, new) != sender_id


async def test_a_staff_member_who_holds_the_key_is_the_submitter(registers: Registers) -> None:
    person = await registers.person("li.na")
    sender_id = await registers.sender(await registers.provider(), person.staff_id)
    issued = await registers.keys.issue(ADMIN, sender_id)
    caller = await registers.register.authenticate(issued.raw)
    assert caller is not None
    assert caller.submitter == f"staff:{person.staff_id}"


async def test_the_use_of_a_key_is_noted_once_a_minute(
    registers: Registers, sender_id: str
) -> None:
    register, clock = registers.register, registers.clock
    issued = await registers.keys.issue(ADMIN, sender_id)
    provider_id = (await register.current()).senders[sender_id].provider_id
    assert await register.last_used(provider_id) == {}
    first = clock.now()

    async def use_after(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))
        await registers.watch.refresh()
        assert await register.authenticate(issued.raw) is not None
        await register.close()

    await use_after(0)
    await use_after(59)
    assert await register.last_used(provider_id) == {issued.key_id: first}
    await use_after(1)
    assert await register.last_used(provider_id) == {issued.key_id: clock.now()}
