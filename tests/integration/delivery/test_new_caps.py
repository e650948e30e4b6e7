"""A cap that is new or changed counts what was sent before it, and then grants a slot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.session import Tx
from app.delivery.models import outbox
from app.delivery.recount import OutboxSlots
from app.domain.counting import InForce, counted_caps
from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Covers,
    Gap,
    Mode,
    Per,
    QuietHours,
    Rolling,
    Window,
)
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency import repository as buckets
from app.frequency.caps_in_force import CapsInForce
from app.frequency.keys import block_place, bucket_of, qualified
from app.frequency.models import counter_buckets
from app.frequency.windows import Scope, open_window
from tests.fixtures.dispatching import Recorder, SlowCounters, dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.topics import register_topics
from tests.fixtures.turns import OneTurn
from tests.fixtures.valkey import flush

HOUR, DAY = 3600, 86_400
LOOSE = Cap("all", 25, Calendar(CalendarUnit.MONTH, "Pacific/Apia"), source="house")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WEEK = Calendar(CalendarUnit.WEEK)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    """Two recipients at 10:00 in Beijing, one of them in New York, and a cap that stops nothing."""
    await still_gate.register("r_1")
    await still_gate.register("r_2", zone="America/New_York")
    await publish(still_gate)
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (LOOSE, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def send(gate: Gate, *tokens: str, **changes: Any) -> str:  # noqa: ANN401 - of a push
    """Send a push and return what its recipients met."""
    push_id = await gate.released(*tokens, **changes)
    await gate.dispatch()
    return await gate.outcomes(push_id)


def new(limit: int, window: Window = A_DAY, **changes: Any) -> Cap:  # noqa: ANN401 - of a cap
    return replace(Cap("new", limit, window, source="house"), **changes)


async def history(gate: Gate) -> None:
    """What three pushes leave behind at 10:00, 12:00 and 13:30; it is 14:00 then."""
    await register_topics(gate.services, "天气")
    await send(gate, "r_1", "r_2")
    gate.wait(2 * HOUR)
    await send(gate, topic="天气")
    gate.wait(1.5 * HOUR)
    await send(gate, minors=MinorsAudience.INCLUDED)
    gate.wait(0.5 * HOUR)

    def classes(tx: Tx) -> None:
        ids = list(tx.execute(select(outbox.c.id).order_by(outbox.c.created_at)).scalars())
        # The first push went out before its class was kept; it went to two buckets.
        for row_id, content_class in zip(ids, (None, None, "finance", ""), strict=True):
            of = update(outbox).where(outbox.c.id == row_id)
            tx.execute(of.values(content_class=content_class))

    await gate.services.db.write(classes)


async def used(gate: Gate, cap: Cap, token: str, topic: str | None = None) -> int:
    """Add up what a cap of this moment counts of the past for one recipient, or all together."""
    now, zone = gate.clock.now(), "America/New_York" if token == "r_2" else "Asia/Shanghai"
    scope = Scope(gate.provider_id, ContentKind.GENERAL, topic, gate.surface_id)
    window = open_window(cap, now, zone, scope)
    assert window is not None
    name = qualified(gate.surface_id, token)
    bucket = bucket_of(name)
    if window.subject is not None:
        name, bucket = window.subject, block_place(cap.id, window.subject)[0]
    in_force = CapsInForce(
        counted_caps([InForce(2, now, (cap,)), InForce(1, LONG_AGO, (LOOSE,))]),
        now,
        {},
        lambda _: "Asia/Shanghai",
    )
    found = OutboxSlots(gate.services.db)
    parts = {part.window for part in window.parts}
    return sum(
        [
            slot.number
            async for page in found.slots(bucket, now - timedelta(hours=27), in_force)
            for slot in page
            if (slot.recipient, slot.cap_id) == (name, "new") and slot.window in parts
        ]
    )


async def test_what_was_sent_before_counts_where_a_cap_would_have_counted_it(gate: Gate) -> None:
    await history(gate)
    of_each = (
        (new(9), 3),
        (new(9, WEEK), 3),
        (new(9, Calendar(CalendarUnit.MONTH, "Asia/Tokyo")), 3),
        (new(9, Rolling(HOUR)), 1),
        (new(9, Rolling(3 * HOUR)), 2),
        (new(1, Gap(HOUR)), 1),
        (new(9, per=(Per.RECIPIENT, Per.PROVIDER)), 3),
        (new(9, per=(Per.RECIPIENT, Per.TOPIC)), 2),
        (new(9, covers=Covers(kinds=(ContentKind.NEWS,))), 0),
        (new(9, covers=Covers(topics=("天气",))), 1),
        (new(9, covers=Covers(minors=(MinorsAudience.EXCLUDED,))), 2),
        # Whatever class a push had that was sent before it was kept.
        (new(9, covers=Covers(classes=(ContentClass.FINANCE,))), 2),
        (new(9, covers=Covers(classes=(ContentClass.MEDICAL,))), 1),
    )
    assert [await used(gate, cap, "r_1") for cap, _ in of_each] == [n for _, n in of_each]
    assert await used(gate, new(9, per=(Per.RECIPIENT, Per.TOPIC)), "r_1", "天气") == 1
    # In New York it was the evening of the day before, and is the night of today.
    assert await used(gate, new(9), "r_2") == 0
    assert await used(gate, new(9, WEEK), "r_2") == 1
    together = (
        (new(9, per=()), 4),
        (new(9, WEEK, per=(Per.SURFACE,)), 4),
        (new(9, Rolling(HOUR), per=()), 1),
        (new(9, per=(Per.TOPIC,)), 3),
        (new(9, per=(), covers=Covers(surfaces=("srf_other",))), 0),
    )
    assert [await used(gate, cap, "") for cap, _ in together] == [n for _, n in together]
    assert await used(gate, new(9, per=(Per.TOPIC,)), "", "天气") == 1


@pytest.mark.parametrize("cap", [new(3, WEEK), new(3, Rolling(DAY), per=(Per.SURFACE,))])
async def test_a_new_cap_grants_what_is_left_of_it(gate: Gate, cap: Cap) -> None:
    assert [await send(gate) for _ in range(2)] == ["a", "a"]
    await publish(gate, cap)
    assert [await send(gate) for _ in range(2)] == ["a", "c"]
    # Counters that are lost after that are counted from the same rows.
    flush(gate.counters_url)
    assert await send(gate) == "c"
    gate.wait(8 * DAY)
    assert [await send(gate) for _ in range(4)] == ["a", "a", "a", "c"]


@ON_SQLITE
async def test_a_cap_that_comes_back_counts_what_was_sent_without_it(gate: Gate) -> None:
    for cap in (new(2), new(4, per=())):
        met = []
        for caps in ([cap], [], [cap]):
            await publish(gate, *caps)
            met.append(await send(gate))
        assert met == ["a", "a", "c"]


@ON_SQLITE
async def test_a_changed_cap_counts_by_what_it_says_now(gate: Gate) -> None:
    news = Covers(kinds=(ContentKind.NEWS,))
    shadow = new(1, Gap(DAY), id="gap", mode=Mode.SHADOW)
    await publish(gate, new(2, covers=news), shadow)
    # Full shadows take no slot, and yet it was sent.
    gate.wait(HOUR)
    assert [await send(gate) for _ in range(2)] == ["a", "a"]
    await publish(gate, new(2))
    assert await send(gate) == "c"
    await publish(gate, new(2, WEEK))
    assert await send(gate) == "c"
    gate.wait(DAY - HOUR / 2)
    assert await send(gate) == "c"
    await publish(gate, replace(shadow, mode=Mode.ENFORCE))
    assert await send(gate) == "c"


async def rebuilt(gate: Gate, token: str) -> int:
    """The number of the last time that a recipient's bucket was counted again."""
    bucket = bucket_of(qualified(gate.surface_id, token))
    query = select(counter_buckets.c.rebuilt).where(counter_buckets.c.bucket == bucket)
    return await gate.services.db.read(lambda tx: int(tx.execute(query).scalar_one()))


@ON_SQLITE
async def test_what_counts_as_before_is_not_counted_again(gate: Gate) -> None:
    await publish(gate, new(3), new(9, WEEK, id="gone"))
    assert await send(gate) == "a"
    before = await rebuilt(gate, "r_1")
    night = Cap("night", 0, QuietHours(60, 120), source="house")
    await publish(gate, new(2, source="another"), night)
    assert [await send(gate) for _ in range(2)] == ["a", "c"]
    assert await rebuilt(gate, "r_1") == before
    # Nor what is back as it was, when nothing that was sent since can count any more.
    gate.wait(9 * DAY)
    await publish(gate, new(2), new(9, WEEK, id="gone"))
    gate.wait(9 * DAY)
    assert await send(gate) == "a"
    assert await rebuilt(gate, "r_1") == before


async def test_pushes_wait_while_somebody_else_counts_and_go_on_by_themselves(gate: Gate) -> None:
    assert await send(gate) == "a"
    await publish(gate, new(2))
    bucket, now = bucket_of(qualified(gate.surface_id, "r_1")), gate.clock.now()

    def begin_and_die(tx: Tx) -> None:
        place = buckets.take(tx, bucket, now)
        assert isinstance(place, buckets.Place)
        assert buckets.begin_rebuild(tx, place, 0, now, now + timedelta(seconds=10)) is not None

    await gate.services.db.write(begin_and_die)
    push_id = await gate.released()
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "w"
    gate.wait(11)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "a"
    assert await send(gate) == "c"


@pytest.mark.parametrize("per", [(Per.RECIPIENT,), ()])
async def test_what_is_under_way_meanwhile_is_counted_or_does_not_leave(
    gate: Gate, per: tuple[Per, ...]
) -> None:
    """A batch has its slots under the old policy while another process counts for the new one."""
    other = await gate.process()
    await gate.released()
    second: list[str] = []

    async def meanwhile() -> None:
        if not second:
            second.append("")
            await publish(other, new(1, per=per))
            second[0] = await send(other)

    channel = Recorder()
    worker = dispatcher(gate, channel, SlowCounters(gate.services.counters, meanwhile))
    await worker.run(OneTurn())
    assert (len(channel.handed), second) == (0, ["a"])


@ON_SQLITE
@pytest.mark.parametrize("per", [(Per.RECIPIENT,), ()])
async def test_nothing_leaves_while_the_day_of_a_cap_may_have_come_elsewhere(
    gate: Gate, per: tuple[Per, ...]
) -> None:
    day = gate.clock.now() + timedelta(minutes=1)
    await publish(gate, new(2, WEEK, per=per, effective_from=day))
    assert await send(gate) == "a"
    gate.wait(57.9)

    async def meanwhile() -> None:
        gate.wait(0.2)

    channel = Recorder()
    push_id = await gate.released()
    await gate.services.watch.refresh()
    await dispatcher(gate, channel, SlowCounters(gate.services.counters, meanwhile)).run(OneTurn())
    gate.wait(0.5)
    await gate.dispatch()
    assert (len(channel.handed), await gate.outcomes(push_id)) == (0, "w")
    gate.wait(2)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "a"
    assert await send(gate) == "c"
