"""Over a cap that replaces: one popup not shown yet for another, and never more than the cap."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.db.session import Tx
from app.delivery.models import inbox_items
from app.domain.policy import A_DAY, Cap, Covers, Gap, Over, Per, Rolling
from app.domain.push import ContentKind
from app.frequency.keys import qualified
from app.frequency.windows import Scope, open_window
from tests.fixtures.dispatching import Crashing, Recorder, crash, dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.valkey import flush

EVERYTHING = Cap("all", 900, A_DAY, source="house")
TWO = Cap("two", 2, A_DAY, Covers(kinds=(ContentKind.GENERAL,)), over=Over.REPLACE, source="house")


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    await still_gate.register("r_1", "r_2")
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (EVERYTHING, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def send(gate: Gate, *tokens: str) -> str:
    push_id = await gate.released(*(tokens or ("r_1",)))
    for _ in range(2):
        await gate.dispatch()
        gate.wait(1)
    return push_id


async def shown(gate: Gate, who: str = "r_1") -> list[str]:
    return [item.push_id for item in await gate.inbox(who)]


async def used(gate: Gate, cap: Cap = TWO) -> int:
    scope = Scope(gate.provider_id, "general", None, gate.surface_id)
    window = open_window(cap, gate.clock.now(), "Asia/Shanghai", scope)
    assert window is not None
    name = qualified(gate.surface_id, "r_1")
    return (await gate.services.counters.use([name], [window]))[name][0].used


async def test_the_newest_take_the_place_of_the_oldest_that_was_not_shown(gate: Gate) -> None:
    await publish(gate, TWO)
    pushes = [await send(gate) for _ in range(4)]
    assert [await gate.outcomes(one) for one in pushes] == ["p", "p", "a", "a"]
    assert await used(gate) == 2
    assert await shown(gate) == pushes[2:]
    # What has been handed out can be taken back no more.
    fifth = await send(gate)
    assert await gate.outcomes(fifth) == "c"
    assert (await gate.rows(fifth))[0].left_out == {"two": 1}


async def test_lost_counters_count_the_new_and_not_the_old(gate: Gate) -> None:
    await publish(gate, TWO)
    for _ in range(3):
        await send(gate)
    flush(gate.counters_url)
    fourth = await send(gate)
    assert await gate.outcomes(fourth) == "a"
    assert await used(gate) == 2
    assert len(await shown(gate)) == 2
    assert await gate.outcomes(await send(gate)) == "c"


@pytest.mark.parametrize("cap", [Cap("g", 1, Gap(600)), Cap("r", 2, Rolling(7200))])
async def test_gaps_and_rolling_spans_replace_what_counts_in_them(gate: Gate, cap: Cap) -> None:
    cap = Cap(cap.id, cap.limit, cap.window, TWO.covers, over=Over.REPLACE, source="house")
    await publish(gate, cap)
    pushes = [await send(gate) for _ in range(5)]
    assert await shown(gate) == pushes[-cap.limit :]
    gate.wait(timedelta(hours=3).total_seconds())
    # What was sent before the span makes no room in it, and does not have to.
    assert await gate.outcomes(await send(gate)) == "a"
    assert await used(gate, cap) == 1


async def test_a_cap_that_drops_is_not_got_around(gate: Gate) -> None:
    hour = Cap("hour", 3, Rolling(3600), source="house")
    await publish(gate, TWO, hour)
    pushes = [await send(gate) for _ in range(4)]
    # The third replaced one in both counts: the hour is never full.
    assert [await gate.outcomes(one) for one in pushes] == ["p", "p", "a", "a"]
    other = Cap("gap", 1, Gap(600), TWO.covers, over=Over.DROP, source="house")
    await publish(gate, TWO, other)
    gate.wait(700)
    await send(gate, "r_2")
    second = await send(gate, "r_2")
    assert await gate.outcomes(second) == "c"
    assert (await gate.rows(second))[0].left_out == {"gap": 1}


async def test_only_whoever_has_something_gets_the_new_one(gate: Gate) -> None:
    await publish(gate, TWO)
    for _ in range(2):
        await send(gate, "r_1", "r_2")
    assert len(await shown(gate, "r_2")) == 2
    third = await send(gate, "r_1", "r_2")
    assert dict(Counter(await gate.outcomes(third))) == {"a": 1, "c": 1}
    assert third in await shown(gate)


async def test_blocks_are_taken_for_what_replaces_as_well(gate: Gate) -> None:
    surface = Cap("surface", 3, A_DAY, per=(Per.SURFACE,), source="house")
    await publish(gate, TWO, surface)
    pushes = [await send(gate) for _ in range(4)]
    assert [await gate.outcomes(one) for one in pushes] == ["p", "a", "a", "c"]
    assert (await gate.rows(pushes[3]))[0].left_out == {"surface": 1}


async def test_a_channel_that_takes_nothing_back_leaves_out(gate: Gate) -> None:
    await publish(gate, TWO)
    for _ in range(2):
        await gate.released(surface=gate.webhook_id)
        await gate.dispatch()
    third = await gate.released(surface=gate.webhook_id)
    await gate.dispatch()
    assert await gate.outcomes(third) == "c"


@pytest.mark.parametrize(
    ("step", "when"),
    [("reserve", "before"), ("reserve", "after"), ("start", "before"), ("start", "after")],
)
@pytest.mark.parametrize("lost", [False, True])
async def test_a_worker_that_dies_in_between_costs_a_popup_and_makes_none(
    gate: Gate, step: str, when: str, *, lost: bool
) -> None:
    await publish(gate, TWO)
    for _ in range(2):
        await send(gate)
    await gate.released()

    class Second(Crashing):
        """Crashes at the second call, which is that of the swap."""

        def __init__(self) -> None:
            super().__init__(gate.services.counters, step, when)
            self.calls = 0

        def __getattr__(self, name: str) -> Callable[..., object]:
            if name == step:
                self.calls += 1
                if self.calls == 1:
                    return getattr(gate.services.counters, name)  # type: ignore[no-any-return]
            return super().__getattr__(name)  # type: ignore[no-any-return]

    channel = Recorder()
    await crash(gate, dispatcher(gate, channel, Second(), "dsp_dying"))
    assert channel.handed == []
    if lost:
        flush(gate.counters_url)
    for _ in range(4):
        gate.wait(32)
        await send(gate)
    assert await used(gate) <= 2
    assert 1 <= len(await shown(gate)) <= 2


async def fetch(gate: Gate, times: int, pause: float) -> list[str]:
    """Fetch again and again, as a client does; return what came."""
    got = []
    for _ in range(times):
        got += await shown(gate)
        await asyncio.sleep(pause)
    return got


async def work(gate: Gate, times: int) -> None:
    for _ in range(times):
        await gate.dispatch()
        await asyncio.sleep(0.01)


async def test_racing_dispatchers_and_clients_never_show_more_than_the_cap(gate: Gate) -> None:
    await publish(gate, TWO)
    for _ in range(2):
        await send(gate)
    for _ in range(6):
        await gate.released()
    others = [await gate.process() for _ in range(2)]
    fetching = asyncio.create_task(fetch(gate, 12, 0.03))
    await asyncio.gather(*(work(one, 6) for one in (gate, *others)))
    got = await fetching
    for _ in range(4):
        gate.wait(2)
        await gate.dispatch()
    got += await shown(gate)
    assert len(got) == len(set(got)) == 2
    assert await used(gate) == 2

    def handed(tx: Tx) -> int:
        rows = tx.execute(inbox_items.select()).all()
        return sum(row.handed_at is not None for row in rows)

    assert await gate.services.db.read(handed) == 2
