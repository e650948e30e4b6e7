"""The vendors' ledger over what really went out, and forecasts before and after a release."""

from datetime import timedelta

import pytest

from app.audit.events import Actor, ActorKind
from app.delivery.vendors import Vendors
from app.domain.vendor_quotas import AppClass, Effect, VendorUsers
from app.errors import Invalid
from tests.fixtures.gate import Gate

ADMIN = Actor(ActorKind.STAFF, "stf_a")
PEOPLE = [f"r_{at}" for at in range(8)]
USERS = [VendorUsers("huawei", 50), VendorUsers("vivo", 0), VendorUsers("rest", 50)]


@pytest.fixture
async def vendors(still_gate: Gate) -> Vendors:
    """It is 10:00 in Beijing."""
    await still_gate.register(*PEOPLE)
    made = Vendors(still_gate.services.db, still_gate.services.clock)
    await made.set_users(ADMIN, still_gate.surface_id, USERS)
    return made


async def send(gate: Gate, *tokens: str) -> str:
    push_id = await gate.released(*tokens)
    for _ in range(3):
        await gate.dispatch()
    return push_id


async def test_who_has_had_two_today_is_foreseen_to_miss_the_third(
    still_gate: Gate, vendors: Vendors
) -> None:
    gate = still_gate
    for tokens in (PEOPLE, PEOPLE[:4]):
        await send(gate, *tokens)
    gate.wait(1)
    huawei, rest = await vendors.forecast(gate.surface_id, PEOPLE)
    assert (huawei.recipients, huawei.device, huawei.dropped) == (4, 2, 2)
    assert (rest.vendor, rest.dropped) == ("rest", 0)
    # Of those alone who have had one there is none to miss it.
    assert (await vendors.forecast(gate.surface_id, PEOPLE[4:]))[0].dropped == 0
    [day] = await vendors.today()
    assert (day.sent, day.got) == (12, ((1, 4), (2, 4)))
    assert day.vendors[0].device == 2
    # What was foreseen at a release does not change with what came after it.
    earlier = gate.clock.now() - timedelta(hours=2)
    assert (await vendors.forecast(gate.surface_id, PEOPLE, earlier))[0].dropped == 0
    gate.wait(86_400)
    assert (await vendors.forecast(gate.surface_id, PEOPLE))[0].dropped == 0
    assert (await vendors.today())[0].sent == 0


async def test_at_night_a_vendor_drops_all_and_without_numbers_nothing_is_foreseen(
    still_gate: Gate, vendors: Vendors
) -> None:
    gate = still_gate
    await vendors.set_users(ADMIN, gate.surface_id, [VendorUsers("vivo", 10, AppClass.NEWS)])
    [by_day] = await vendors.forecast(gate.surface_id, PEOPLE)
    assert (by_day.quiet, by_day.dropped, by_day.device_limit) == (None, 0, 5)
    gate.wait(14 * 3600)
    [by_night] = await vendors.forecast(gate.surface_id, PEOPLE)
    assert (by_night.quiet, by_night.dropped) == (Effect.DROPPED, 8)
    assert await vendors.forecast(gate.webhook_id, PEOPLE) == ()
    await vendors.set_users(ADMIN, gate.surface_id, [])
    assert await vendors.today() == ()


async def test_numbers_that_cannot_be_are_refused(still_gate: Gate, vendors: Vendors) -> None:
    for users in ([VendorUsers("huawei", -1)], [VendorUsers("nokia", 5)]):
        with pytest.raises(Invalid):
            await vendors.set_users(ADMIN, still_gate.surface_id, users)
    assert [one.users for one in await vendors.users(still_gate.surface_id)] == [50, 50]
